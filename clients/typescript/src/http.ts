/** What the generated methods stand on: a connection, errors, how values go out and come in. Knows no operation. */

/** The server said no, as RFC 9457 problem details; status 0: no server answered. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly place: string | null = null,
    readonly remedy: string | null = null,
  ) {
    super(detail);
  }
}

export interface Options {
  /** "" in a page of the server itself. */
  address?: string;
  /** The server's token, an API key or a person's own token. */
  token?: string;
  fetch?: typeof fetch;
}

type Value = string | number | boolean | null | undefined | readonly (string | number)[];

export interface Given {
  query?: Record<string, Value>;
  headers?: Record<string, string | number | null | undefined>;
  body?: unknown;
}

/** An id as one part of a path; it may hold any character. */
export const part = (id: string | number): string => encodeURIComponent(String(id));

export class Http {
  /** The last answer as it came, for its headers (`ETag` ...). */
  last: Response | null = null;
  readonly #options: Options;

  constructor(options: Options = {}) {
    this.#options = options;
  }

  protected async send(method: string, path: string, given: Given = {}): Promise<Response> {
    const headers = new Headers({ accept: "application/json" });
    if (this.#options.token) headers.set("authorization", `Bearer ${this.#options.token}`);
    for (const [name, value] of Object.entries(given.headers ?? {})) {
      if (value !== null && value !== undefined) headers.set(name, String(value));
    }
    let body: BodyInit | undefined;
    if (given.body instanceof Uint8Array) {
      body = given.body as Uint8Array<ArrayBuffer>;
      headers.set("content-type", "application/offset+octet-stream");
    } else {
      if (given.body !== undefined) body = JSON.stringify(given.body);
      if (method !== "GET" && method !== "DELETE") headers.set("content-type", "application/json");
    }
    if (path.startsWith("/v1/uploads")) headers.set("tus-resumable", "1.0.0");
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(given.query ?? {})) {
      if (value === null || value === undefined) continue;
      for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
    }
    const address = `${this.#options.address ?? ""}${path}${query.size ? `?${query}` : ""}`;
    let answer: Response;
    try {
      answer = await (this.#options.fetch ?? fetch)(address, { method, headers, body });
    } catch (error) {
      throw new ApiError(0, "offline", `the server does not answer: ${String(error)}`);
    }
    this.last = answer;
    if (answer.status >= 400) {
      const told = (await answer.json().catch(() => ({}))) as Record<string, string | undefined>;
      const detail = told.detail ?? answer.statusText;
      throw new ApiError(answer.status, told.code ?? "error", detail, told.place ?? null, told.remedy ?? null);
    }
    return answer;
  }

  protected async json<T>(method: string, path: string, given?: Given): Promise<T> {
    return (await (await this.send(method, path, given)).json()) as T;
  }

  protected async text(method: string, path: string, given?: Given): Promise<string> {
    return (await this.send(method, path, given)).text();
  }

  protected async blob(method: string, path: string, given?: Given): Promise<Blob> {
    return (await this.send(method, path, given)).blob();
  }

  protected async nothing(method: string, path: string, given?: Given): Promise<void> {
    await this.send(method, path, given);
  }
}
