import { api } from '$/api/rest-client';

/** Hands a text to the browser as a file. */
export function saveText(name: string, text: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Lets the browser fetch a file by itself; the session is renewed first, as a link cannot do that. */
export async function saveFrom(address: string): Promise<void> {
  await api.me();
  const link = document.createElement('a');
  link.href = address;
  link.download = '';
  link.click();
}
