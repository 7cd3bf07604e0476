/** What GET /v1/people/{id}/why/{item} answers. */

export interface Reason {
  kind: string;
  name: string;
  label: string;
  label_zh: string;
  amount: number;
  given: number | null;
  start: number | null;
  end: number | null;
  title: string;
  did: string;
}

export interface WhyTold {
  method: string;
  of: string;
  score: number;
  base: number;
  exact: boolean;
  shown: boolean;
  fit: number | null;
  reasons: Reason[];
}

export interface AttentionMap {
  acts: Reason[];
  /** [layer][head][act] */
  weights: number[][][];
}

export interface WhyRecord {
  place: number;
  n: number;
  told: WhyTold[];
  attention: AttentionMap | null;
  without: { acts: Reason[]; place: number; gone: boolean }[];
  more: { feature: string; item_id: string; title: string; did: string; before: number; after: number }[];
  gaps: string[];
}
