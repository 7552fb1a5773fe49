const PLACE = 'reconexus.started';

/** Remembers that this window started a job, also over a reload of the page. */
export function begin(id: string): string {
  keep([...kept(), id]);
  return id;
}

/** Whether this window started a job; it is asked once, when the job ends. */
export function takeOver(id: string): boolean {
  const ids = kept();
  keep(ids.filter((one) => one !== id));
  return ids.includes(id);
}

function kept(): string[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(PLACE) ?? '[]');
    return Array.isArray(found) ? found.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

function keep(ids: string[]) {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(ids));
  } catch {
    // Storage is off: the jobs page tells how it ended.
  }
}
