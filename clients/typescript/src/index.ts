/** A typed client of Vitascope's HTTP API: `new Client({ address: "http://127.0.0.1:8000", token })`. */

import { Calls } from "./calls.js";

export * from "./types.js";
export { ApiError, type Options } from "./http.js";

/** One library: a method for each operation. */
export class Client extends Calls {}

/** All pages of a list: `for await (const page of pages((cursor) => client.getItems({ cursor, n: 200 })))`. */
export async function* pages<P extends { cursor?: string | null }>(ask: (cursor: string | null) => Promise<P>): AsyncGenerator<P> {
  let cursor: string | null = null;
  do {
    const page: P = await ask(cursor);
    yield page;
    cursor = page.cursor ?? null;
  } while (cursor !== null);
}
