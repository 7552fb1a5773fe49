// What jsdom leaves out of the platform that the components stand on.
import { afterEach } from 'vitest';
import { cleanup } from '@testing-library/svelte';
import { everySentence } from '$/i18n/index.svelte';

// The application waits for them before it shows a page that says them.
await everySentence();

afterEach(() => cleanup());

window.matchMedia ??= (query: string) =>
  Object.assign(new EventTarget(), { matches: false, media: query, onchange: null, addListener() {}, removeListener() {} }) as MediaQueryList;

HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
  this.open = false;
  this.dispatchEvent(new Event('close'));
};
