import type { Key } from '$/i18n/index.svelte';
import { allows, match, routes, type Menu, type Product, type Route } from './routes';

type Can = (permission: string) => boolean;

/** A page's line in the menu, with where it leads. */
export interface Line extends Menu {
  path: string;
  /** What a narrow rail has room for. */
  short: Key;
}

export interface Group {
  label: Key;
  lines: Line[];
}

/** Every line of the menu that somebody may open, in order. */
export function linesOf(can: Can): Line[] {
  return routes.flatMap((r) => (r.menu && allows(r, can) ? [{ ...r.menu, path: r.path, short: r.place?.label ?? r.menu.label }] : []));
}

/** The products that have at least one page for somebody. */
export function productsOf(can: Can): Product[] {
  return [...new Set(linesOf(can).map((line) => line.product))];
}

/** One product's lines in their groups; a group stands where its first line does. */
export function groupsOf(product: Product, can: Can): Group[] {
  const groups = new Map<Key, Line[]>();
  for (const line of linesOf(can)) {
    if (line.product === product) groups.set(line.group, [...(groups.get(line.group) ?? []), line]);
  }
  return [...groups].map(([label, lines]) => ({ label, lines }));
}

/** The places of a phone's bar that somebody may open. */
export function placesOf(can: Can): Route[] {
  return routes.filter((r) => r.place && allows(r, can));
}

/** The line that a path belongs to: its own, or that of the list it stands in. */
export function lineOf(path: string): Route | undefined {
  const route = match(path).route;
  if (route.menu) return route;
  const above = routes.filter((r) => r.menu && r.path !== '/' && route.path.startsWith(`${r.path}/`));
  return above.sort((a, b) => b.path.length - a.path.length)[0];
}

/** Where somebody begins: the dashboard, or the first page that they may open. */
export function homeOf(can: Can): string {
  return linesOf(can)[0]?.path ?? '/account';
}

/** The guide's page about a path, at the section that tells of it. */
export function helpOf(path: string): string {
  const help = match(path).route.help ?? lineOf(path)?.help;
  return help ? `/guide/${help}` : '/guide';
}
