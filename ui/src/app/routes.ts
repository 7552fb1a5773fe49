import type { Component } from 'svelte';
import type { IconName } from '$/design/icons';
import type { Key } from '$/i18n/index.svelte';
import type { Page } from './page';

type PageModule = { default: Component<{ page: Page }> };

export interface Route {
  /** `{name}` matches one part of the path. */
  path: string;
  load: () => Promise<PageModule>;
  /** What the server asks for, or several of which one is enough; without it the page says *not allowed* instead of trying. */
  permission?: string | readonly string[];
  /** Open to whoever is not signed in, and shown without the navigation. */
  isPublic?: boolean;
  /** Says nothing but what comes with the first page, and need not wait for the other sentences. */
  isFirst?: boolean;
  /** Its place in a phone's bar: four at most, as the fifth opens all the others. */
  place?: { label: Key; icon: IconName };
  /** Its line in the drawer, the rail and the palette. */
  menu?: Menu;
  /** Where the guide tells of it: a chapter, or a section of one. */
  help?: string;
}

/** A line of the wide navigation. */
export interface Menu {
  product: Product;
  group: Key;
  label: Key;
  icon: IconName;
  /** The letter that leads here after a `g`. */
  key?: string;
}

export type Product = 'reconix' | 'control';

/** Every page of the interface, one line each; their lines in the menu come in this order. */
export const routes: Route[] = [
  { path: '/', load: () => import('$/reconix/dashboard/Dashboard.svelte'), permission: 'dashboard:read', isFirst: true, place: { label: 'nav.dashboard', icon: 'dashboard' }, menu: { product: 'reconix', group: 'nav.group.overview', label: 'nav.dashboard', icon: 'dashboard', key: 'd' }, help: 'answers' },
  { path: '/check', load: () => import('$/reconix/check/Check.svelte'), permission: 'sim:read', place: { label: 'nav.checkShort', icon: 'numberCheck' }, menu: { product: 'reconix', group: 'nav.group.numbers', label: 'nav.check', icon: 'numberCheck', key: 'c' }, help: 'answers#yes-no-no-data' },
  { path: '/sims', load: () => import('$/reconix/sims/Sims.svelte'), permission: 'sim:read', place: { label: 'nav.simsShort', icon: 'sim' }, menu: { product: 'reconix', group: 'nav.group.numbers', label: 'nav.sims', icon: 'sim', key: 's' }, help: 'answers#risk' },
  { path: '/sims/new', load: () => import('$/reconix/sims/NewSim.svelte'), permission: 'sim:write', help: 'answers#working-on-the-records' },
  { path: '/sims/{id}', load: () => import('$/reconix/sims/Sim.svelte'), permission: 'sim:read', help: 'answers#who-each-identity-belongs-to' },
  { path: '/sims/{id}/edit', load: () => import('$/reconix/sims/EditSim.svelte'), permission: 'sim:write', help: 'answers#working-on-the-records' },
  { path: '/linkages', load: () => import('$/reconix/linkage/Linkages.svelte'), permission: 'linkage:read', menu: { product: 'reconix', group: 'nav.group.numbers', label: 'nav.linkages', icon: 'link', key: 'l' }, help: 'importing#linkages' },
  { path: '/linkages/check', load: () => import('$/reconix/linkage/BulkCheck.svelte'), permission: 'linkage:read', help: 'importing#linkages' },
  { path: '/conflicts', load: () => import('$/reconix/identity/Conflicts.svelte'), permission: 'audit:read', menu: { product: 'reconix', group: 'nav.group.numbers', label: 'nav.conflicts', icon: 'conflict', key: 'f' }, help: 'answers#who-each-identity-belongs-to' },
  { path: '/delink-requests', load: () => import('$/reconix/delink/Queue.svelte'), permission: 'delink:read', menu: { product: 'reconix', group: 'nav.group.numbers', label: 'nav.delink', icon: 'linkOff', key: 'q' }, help: 'answers#working-on-the-records' },
  { path: '/delink-requests/{id}', load: () => import('$/reconix/delink/Request.svelte'), permission: 'delink:read', help: 'answers#working-on-the-records' },
  { path: '/imports', load: () => import('$/reconix/imports/Imports.svelte'), permission: ['sim:bulk_upload', 'linkage:write'], place: { label: 'nav.imports', icon: 'upload' }, menu: { product: 'reconix', group: 'nav.group.data', label: 'nav.imports', icon: 'upload', key: 'i' }, help: 'importing' },
  { path: '/detections', load: () => import('$/reconix/detect/Detections.svelte'), permission: 'sim:detect', menu: { product: 'reconix', group: 'nav.group.data', label: 'nav.detections', icon: 'radar', key: 'r' }, help: 'answers#detection-and-its-verdicts' },
  { path: '/operators', load: () => import('$/reconix/operators/Operators.svelte'), permission: 'sim:read', menu: { product: 'reconix', group: 'nav.group.data', label: 'nav.operators', icon: 'operator', key: 'o' }, help: 'importing#operators-and-banks' },
  { path: '/webhooks', load: () => import('$/reconix/webhook/Webhooks.svelte'), permission: 'webhook:read', menu: { product: 'reconix', group: 'nav.group.data', label: 'nav.webhooks', icon: 'devices', key: 'w' }, help: 'api#webhooks' },
  { path: '/webhooks/new', load: () => import('$/reconix/webhook/NewWebhook.svelte'), permission: 'webhook:manage', help: 'api#webhooks' },
  { path: '/webhooks/{id}', load: () => import('$/reconix/webhook/Webhook.svelte'), permission: 'webhook:read', help: 'api#webhooks' },
  { path: '/users', load: () => import('$/users/Users.svelte'), permission: 'user:manage', menu: { product: 'control', group: 'nav.group.people', label: 'nav.users', icon: 'people', key: 'u' }, help: 'people#accounts' },
  { path: '/users/new', load: () => import('$/users/NewUser.svelte'), permission: 'user:manage', help: 'people#accounts' },
  { path: '/users/{id}', load: () => import('$/users/User.svelte'), permission: 'user:manage', help: 'people#accounts' },
  { path: '/roles', load: () => import('$/access/Roles.svelte'), menu: { product: 'control', group: 'nav.group.people', label: 'nav.roles', icon: 'roles', key: 'p' }, help: 'people#roles' },
  { path: '/api-keys', load: () => import('$/users/Keys.svelte'), permission: 'user:manage', menu: { product: 'control', group: 'nav.group.people', label: 'nav.keys', icon: 'key', key: 'k' }, help: 'people#keys-for-programmes' },
  { path: '/api-keys/new', load: () => import('$/users/NewKey.svelte'), permission: 'user:manage', help: 'people#keys-for-programmes' },
  { path: '/api-keys/{id}', load: () => import('$/users/Key.svelte'), permission: 'user:manage', help: 'people#keys-for-programmes' },
  { path: '/jobs', load: () => import('$/jobs/Jobs.svelte'), menu: { product: 'control', group: 'nav.group.box', label: 'nav.jobs', icon: 'jobs', key: 'j' }, help: 'importing#when-an-import-stops-by-itself' },
  { path: '/jobs/{id}', load: () => import('$/jobs/JobPage.svelte'), help: 'importing#when-an-import-stops-by-itself' },
  { path: '/audit', load: () => import('$/audit/Audit.svelte'), permission: 'audit:read', menu: { product: 'control', group: 'nav.group.box', label: 'nav.audit', icon: 'audit', key: 'a' }, help: 'people#the-audit-log' },
  { path: '/audit/{id}', load: () => import('$/audit/Entry.svelte'), permission: 'audit:read', help: 'people#the-audit-log' },
  { path: '/settings', load: () => import('$/config/Settings.svelte'), permission: 'user:manage', menu: { product: 'control', group: 'nav.group.box', label: 'nav.settings', icon: 'settings', key: 't' }, help: 'settings' },
  { path: '/about', load: () => import('$/about/About.svelte'), menu: { product: 'control', group: 'nav.group.box', label: 'nav.about', icon: 'info', key: 'b' }, help: 'keeping' },
  { path: '/account', load: () => import('$/account/Account.svelte'), help: 'finding-your-way#your-account' },
  { path: '/welcome', load: () => import('$/reconix/welcome/Welcome.svelte'), help: 'first-run#see-something' },
  { path: '/offline', load: () => import('./Offline.svelte'), help: 'finding-your-way#without-a-network' },
  { path: '/sign-in', load: () => import('$/account/SignIn.svelte'), isPublic: true, isFirst: true },
  { path: '/setup', load: () => import('$/account/SetUp.svelte'), isPublic: true, isFirst: true },
  // Every component in every look, for who builds pages; the shipped build has neither the line nor the page.
  ...(import.meta.env.DEV ? [{ path: '/design', load: () => import('$/design/gallery/Gallery.svelte'), isPublic: true }] : []),
];

const lost: Route = { path: '', load: () => import('./Lost.svelte') };

/** Whether somebody may open a page. */
export function allows(route: Route, can: (permission: string) => boolean): boolean {
  const needed = typeof route.permission === 'string' ? [route.permission] : route.permission;
  return !needed || needed.some(can);
}

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
