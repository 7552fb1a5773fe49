import type { Component } from 'svelte';
import type { IconName } from '$/design/icons';
import type { Key } from '$/i18n/index.svelte';
import type { Page } from './page';

type PageModule = { default: Component<{ page: Page }> };

export interface Route {
  /** `{name}` matches one part of the path. */
  path: string;
  load: () => Promise<PageModule>;
  /** What the server asks for; without it the page says *not allowed* instead of trying. */
  permission?: string;
  /** Open to whoever is not signed in, and shown without the navigation. */
  isPublic?: boolean;
  /** Its place in the navigation: five at most, as a phone's bar holds no more. */
  place?: { label: Key; icon: IconName };
}

/** Every page of the interface, one line each. */
export const routes: Route[] = [
  { path: '/', load: () => import('$/reconix/dashboard/Dashboard.svelte'), permission: 'dashboard:read', place: { label: 'nav.dashboard', icon: 'dashboard' } },
  { path: '/sims', load: () => import('$/reconix/sims/Sims.svelte'), permission: 'sim:read', place: { label: 'nav.simsShort', icon: 'sim' } },
  { path: '/sims/{id}', load: () => import('$/reconix/sims/Sim.svelte'), permission: 'sim:read' },
  { path: '/imports', load: () => import('$/reconix/imports/Imports.svelte'), place: { label: 'nav.imports', icon: 'upload' } },
  { path: '/jobs', load: () => import('$/jobs/Jobs.svelte'), place: { label: 'nav.jobs', icon: 'jobs' } },
  { path: '/jobs/{id}', load: () => import('$/jobs/JobPage.svelte') },
  { path: '/account', load: () => import('$/account/Account.svelte'), place: { label: 'nav.account', icon: 'account' } },
  { path: '/welcome', load: () => import('$/reconix/welcome/Welcome.svelte') },
  { path: '/sign-in', load: () => import('$/account/SignIn.svelte'), isPublic: true },
  { path: '/setup', load: () => import('$/account/SetUp.svelte'), isPublic: true },
];

const lost: Route = { path: '', load: () => import('./Lost.svelte'), isPublic: true };

/** The route of a path, with its named parts; an unknown path has a page of its own. */
export function match(path: string): { route: Route; params: Record<string, string> } {
  for (const route of routes) {
    const params = parts(route.path, path);
    if (params) return { route, params };
  }
  return { route: lost, params: {} };
}

function parts(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.replace(/(.)\/$/, '$1').split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name && value) params[name] = decode(value);
    else if (part !== value) return undefined;
  }
  return params;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
