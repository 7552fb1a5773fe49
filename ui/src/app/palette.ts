import type { Command } from '$/design/CommandPalette.svelte';
import { isDark, look, wear } from '$/design/look.svelte';
import { languageNames, LANGUAGES, t } from '$/i18n/index.svelte';
import { startDetection } from '$/jobs/detect';
import { helpOf, linesOf } from './navigation';
import type { Page } from './page';
import { allows, match } from './routes';

/** A line of the palette, and what it does. */
export interface Deed extends Command {
  run: () => void;
}

/** Whether somebody may open the page of a path. */
export function mayOpen(path: string, can: Page['can']): boolean {
  const { route } = match(path);
  return route.path !== '' && allows(route, can);
}

/** Everything that the palette offers before a letter is typed. */
export function deedsOf(page: Page, path: string, onshortcuts: () => void): Deed[] {
  return [...pages(page), ...works(page), ...looks(), ...ways(page, path, onshortcuts)];
}

function pages(page: Page): Deed[] {
  return linesOf(page.can).map((line) => ({
    id: `page.${line.path}`, label: t(line.label), words: t(line.group), icon: line.icon,
    group: t(line.product === 'reconix' ? 'product.reconix' : 'product.control'), keys: line.key && look.shortcuts ? ['g', line.key] : undefined,
    run: () => page.go(line.path),
  }));
}

function works(page: Page): Deed[] {
  const group = t('jump.deeds');
  const all: (Deed & { may: boolean })[] = [
    { id: 'import', label: t('jump.import'), group, icon: 'upload', may: mayOpen('/imports', page.can), run: () => page.go('/imports') },
    {
      id: 'detect', label: t('detect.run'), group, icon: 'radar', may: page.can('sim:detect'),
      run: () => void startDetection().then((job) => job && page.go(`/jobs/${job}`)),
    },
  ];
  return all.filter((one) => one.may).map(({ may: _, ...deed }) => deed);
}

function looks(): Deed[] {
  const group = t('look.title');
  const dark = isDark();
  const languages = LANGUAGES.filter((l) => l !== look.language).map((l): Deed => ({
    id: `language.${l}`, label: languageNames[l], hint: t('look.language'), words: t('look.language'), group, icon: 'language',
    run: () => void wear({ language: l }),
  }));
  const theme: Deed = {
    id: 'theme', label: t(dark ? 'look.toLight' : 'look.toDark'), group, icon: dark ? 'lightMode' : 'darkMode',
    run: () => void wear({ theme: dark ? 'light' : 'dark' }),
  };
  return [theme, ...languages];
}

function ways(page: Page, path: string, onshortcuts: () => void): Deed[] {
  const group = t('jump.more');
  return [
    { id: 'account', label: t('nav.account'), group, icon: 'account', run: () => page.go('/account') },
    { id: 'help', label: t('userMenu.help'), group, icon: 'help', run: () => void open(helpOf(path), '_blank', 'noopener') },
    { id: 'shortcuts', label: t('keys.title'), group, icon: 'keyboard', keys: look.shortcuts ? ['?'] : undefined, run: onshortcuts },
    { id: 'signOut', label: t('account.signOut'), group, icon: 'logout', run: () => void page.signOut() },
  ];
}

/** What can be done with a telephone number, or its beginning, that was typed. */
export function numberDeeds(text: string, page: Page): Deed[] {
  const number = numberOf(text);
  if (!number) return [];
  const group = t('jump.numbers');
  const query = encodeURIComponent(number);
  const all: (Deed & { may: boolean })[] = [
    {
      id: 'number.check', label: t('jump.check', { number: text.trim() }), group, icon: 'numberCheck',
      may: number.length >= 10 && mayOpen('/check', page.can), run: () => page.go(`/check?number=${query}`),
    },
    {
      id: 'number.find', label: t('jump.find', { number: text.trim() }), group, icon: 'sim',
      may: mayOpen('/sims', page.can), run: () => page.go(`/sims?q=${query}`),
    },
  ];
  return all.filter((one) => one.may).map(({ may: _, ...deed }) => deed);
}

/** The digits of what looks like a telephone number, 0803… as 234803… where it is whole. */
export function numberOf(text: string): string | undefined {
  if (!/^\s*\+?[\d\s().-]+$/.test(text)) return undefined;
  const digits = text.replace(/\D/g, '');
  if (digits.length < 4 || digits.length > 15) return undefined;
  return /^0\d{10}$/.test(digits) ? `234${digits.slice(1)}` : digits;
}
