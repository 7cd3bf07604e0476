/** The live feed: a person's list, pushed anew after each event, whoever sent it and whichever server took it. */

import { feedAddress } from "./api";
import type { FeedMessage, List } from "./types";

/** Calls `show` with each list but the first, which the page has; gives what ends it. The browser connects again by itself. */
export function follow(user: string, surface: string, n: number, show: (list: List) => void): () => void {
  const source = new EventSource(feedAddress(user, surface, n));
  let first = true;
  source.addEventListener("list", (event) => {
    const told = JSON.parse((event as MessageEvent<string>).data) as FeedMessage;
    if (!first) show(told.list);
    first = false;
  });
  source.addEventListener("problem", () => source.close());
  const leave = () => source.close();
  addEventListener("pagehide", leave);
  return () => {
    removeEventListener("pagehide", leave);
    leave();
  };
}
