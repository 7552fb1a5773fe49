import { notify } from '$/design/snackbar.svelte';
import { t } from '$/i18n/index.svelte';

const WORKER = '/service-worker.js';

/** How often a page that stays open asks for a new version, in milliseconds. */
const LOOK_AGAIN = 3_600_000;

/** The policy that the server names; its one rule is that nothing but our worker is one. */
interface TrustedTypes {
  createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => { createScriptURL: (url: string) => string };
}

/**
 * Registers the service worker, where the browser has them: on HTTPS and on the
 * machine itself. Elsewhere the pages work as before, with a network only.
 * `onFirst` is called when the worker takes a page over that was opened without it.
 */
export async function register(onFirst: () => void): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const workers = navigator.serviceWorker;
  const controlled = workers.controller !== null;
  let reload = false;
  workers.addEventListener('controllerchange', () => {
    if (reload) location.reload();
    else if (!controlled) onFirst();
  });
  const registration = await workers.register(trusted(WORKER), { updateViaCache: 'none' }).catch(() => undefined);
  if (!registration) return;
  const offer = () => {
    if (!registration.waiting || !workers.controller) return;
    const run = () => {
      reload = true;
      registration.waiting?.postMessage('activate');
    };
    notify(t('update.ready'), { action: { label: t('update.reload'), run } });
  };
  offer();
  registration.addEventListener('updatefound', () => {
    const coming = registration.installing;
    coming?.addEventListener('statechange', () => {
      if (coming.state === 'installed') offer();
    });
  });
  setInterval(() => void registration.update().catch(() => undefined), LOOK_AGAIN);
}

/** What a policy of Trusted Types made of an address; the address itself where there are none. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('service-worker', {
    createScriptURL(wanted) {
      if (wanted !== WORKER) throw new TypeError(`${wanted} is no worker of ours`);
      return wanted;
    },
  });
  return policy?.createScriptURL(url) ?? url;
}
