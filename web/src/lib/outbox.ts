/** Events on their way: kept a few seconds, sent together, sent at once when the page is left.
 *
 * A batch that the server did not take stays and is sent again; each event's id makes that safe.
 */

import { api } from "./api";
import type { EventIn } from "./types";

const SECONDS = 4;
const FULL = 20;
const MOST = 500;

class Outbox {
  private waiting: EventIn[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Told with each batch that arrived. */
  sent: (events: EventIn[]) => void = () => undefined;

  constructor() {
    // at the window, so that players, which listen at the document, have told what they know before
    addEventListener("pagehide", () => this.flush(true));
    addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.flush(true));
  }

  add(event: EventIn) {
    this.waiting.push(event);
    if (this.waiting.length >= FULL) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), SECONDS * 1000);
  }

  /** All that waits, for a call that carries it along; `back` if that call fails. */
  take(): EventIn[] {
    clearTimeout(this.timer);
    this.timer = undefined;
    return this.waiting.splice(0);
  }

  back(events: EventIn[]) {
    this.waiting = [...events, ...this.waiting].slice(-MOST);
  }

  flush(leaving = false) {
    const events = this.take();
    if (!events.length) return;
    api.events(events, leaving).then(
      () => this.sent(events),
      () => this.back(events),
    );
  }
}

export const outbox = new Outbox();
