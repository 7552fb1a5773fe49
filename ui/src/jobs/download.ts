import { asProblem } from '$/api/problem';
import { api } from '$/api/rest-client';
import { notify } from '$/design/snackbar.svelte';

/** Follows a link to a file. Downloads are plain links, so the session is renewed before the browser follows one. */
export async function download(event: MouseEvent): Promise<void> {
  const link = event.currentTarget as HTMLAnchorElement;
  event.preventDefault();
  try {
    await api.me();
    const plain = document.createElement('a');
    plain.href = link.href;
    plain.download = '';
    plain.click();
  } catch (thrown) {
    notify(asProblem(thrown).happened, { tone: 'bad' });
  }
}
