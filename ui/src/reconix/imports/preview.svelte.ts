import { asProblem, type Problem } from '$/api/problem';
import { api } from '$/api/rest-client';
import type { FileKind, FilePreview } from '$/api/types';
import { columnsText, HEAD, type Reading } from './reading';

/** A file's beginning as the server reads it; only the newest question counts. */
export class Previewing {
  seen = $state.raw<FilePreview>();
  problem = $state.raw<Problem>();
  busy = $state(false);
  #asked: AbortController | undefined;

  /** Shows the server the beginning, read as a kind or as what it looks like. */
  async look(file: File, kind?: FileKind, reading?: Reading): Promise<FilePreview | undefined> {
    this.#asked?.abort();
    const asked = (this.#asked = new AbortController());
    this.busy = true;
    try {
      const seen = await api.post('/imports/preview', file.slice(0, HEAD), {
        query: {
          kind,
          size: file.size,
          columns: reading && this.seen ? columnsText(reading.fields, this.seen.fields) : '',
          date_order: reading?.order,
        },
        signal: asked.signal,
      });
      if (asked.signal.aborted) return undefined;
      this.problem = undefined;
      return (this.seen = seen);
    } catch (thrown) {
      if (!asked.signal.aborted) this.problem = asProblem(thrown);
      return undefined;
    } finally {
      if (this.#asked === asked) this.busy = false;
    }
  }

  clear(): void {
    this.#asked?.abort();
    this.seen = undefined;
    this.problem = undefined;
    this.busy = false;
  }
}
