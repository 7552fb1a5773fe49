import type admin from './messages/admin/en.json';
import dashboard from './messages/dashboard/en.json';
import type delink from './messages/delink/en.json';
import design from './messages/design/en.json';
import type intake from './messages/intake/en.json';
import type reconix from './messages/reconix/en.json';
import shell from './messages/shell/en.json';
import type webhook from './messages/webhook/en.json';

// Areas are spread into one tree: each has top-level names of its own. What the
// first page says is here; the rest comes with the first page that says more.
const first = { ...shell, ...design, ...dashboard };
const english: Tree = first;

export const LANGUAGES = ['en', 'ha', 'yo', 'ig', 'pcm'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language by its own name, so that whoever needs it can find it. */
export const languageNames: Record<Language, string> = { en: 'English', ha: 'Hausa', yo: 'Yorùbá', ig: 'Igbo', pcm: 'Naijá (Pidgin)' };

type Plural = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other';
type Bare<K extends string> = K extends `${infer Stem}_${Plural}` ? Stem : K;
type Keys<T> = {
  [K in keyof T & string]: T[K] extends string ? Bare<K> : `${K}.${Keys<T[K]>}`;
}[keyof T & string];

/** Every sentence the interface can say; a key that does not exist does not compile. */
export type Key = Keys<typeof first & typeof admin & typeof delink & typeof intake & typeof reconix & typeof webhook>;

type Tree = { [key: string]: string | Tree };
type Values = Record<string, string | number>;

const others = import.meta.glob<{ default: Tree }>('./messages/*/{ha,yo,ig,pcm}.json');

let language = $state<Language>('en');
let messages = $state.raw<Tree>(english);
let rules = new Intl.PluralRules('en');
let whole: Promise<unknown> | undefined;

/** Fetches the sentences of the pages behind the first one, once. */
export function everySentence(): Promise<unknown> {
  whole ??= Promise.all([import('./messages/admin/en.json'), import('./messages/delink/en.json'), import('./messages/intake/en.json'), import('./messages/reconix/en.json'), import('./messages/webhook/en.json')])
    .then((areas) => Object.assign(english, ...areas.map((area) => area.default)))
    .catch((thrown: unknown) => {
      whole = undefined;
      throw thrown;
    });
  return whole;
}

/** The language that sentences come in now. */
export function currentLanguage(): Language {
  return language;
}

/** Fetches a language's catalogues and switches to them; what they lack stays English. */
export async function setLanguage(next: Language): Promise<void> {
  const wanted = Object.entries(others).filter(([path]) => path.endsWith(`/${next}.json`));
  const trees = await Promise.all(wanted.map(([, load]) => load()));
  messages = trees.length ? Object.assign({}, ...trees.map((t) => t.default)) : english;
  rules = new Intl.PluralRules(next);
  language = next;
  document.documentElement.lang = next;
}

/**
 * The sentence of a key in the current language. `{{name}}` is filled from the
 * values, and a `count` chooses the plural form and is written with separators.
 */
export function t(key: Key, values: Values = {}): string {
  const text = find(messages, key, values.count) ?? find(english, key, values.count) ?? key;
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? number(value) : (value ?? '');
  });
}

/** Whether the catalogue has a sentence for a key that was put together at run time. */
export function has(key: string): key is Key {
  return find(english, key, undefined) !== undefined;
}

/** The sentence of a code that the server may one day widen; unknown codes show as they are. */
export function label(area: string, code: string | null | undefined): string {
  if (!code) return '–';
  const key = `${area}.${code}`;
  return has(key) ? t(key) : code.replaceAll('_', ' ');
}

function find(tree: Tree, key: string, count: string | number | undefined): string | undefined {
  if (typeof count === 'number') {
    return look(tree, `${key}_${rules.select(count)}`) ?? look(tree, `${key}_other`) ?? look(tree, key);
  }
  return look(tree, key);
}

function look(tree: Tree, key: string): string | undefined {
  let at: string | Tree | undefined = tree;
  for (const part of key.split('.')) {
    at = typeof at === 'object' && Object.hasOwn(at, part) ? at[part] : undefined;
  }
  return typeof at === 'string' ? at : undefined;
}

// Chromium has no number or month names for Hausa, Yoruba, Igbo or Pidgin, so
// numbers follow Nigerian English and the names of months are in the catalogue.
const grouped = new Intl.NumberFormat('en-NG');
const compacted = new Intl.NumberFormat('en-NG', { notation: 'compact', maximumFractionDigits: 1 });

/** 12480 → "12,480". */
export function number(value: number): string {
  return grouped.format(value);
}

/** 12480 → "12.5K", for axes and narrow cards. */
export function compact(value: number): string {
  return compacted.format(value);
}

const MONTHS: Key[] = [
  'month.1', 'month.2', 'month.3', 'month.4', 'month.5', 'month.6',
  'month.7', 'month.8', 'month.9', 'month.10', 'month.11', 'month.12',
];

/** "2026-11-20" → "20 November 2026"; with `month` precision only "November 2026". */
export function day(value: string | null | undefined, precision?: string | null): string {
  const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(value ?? '');
  if (!parts) return t('date.unknown');
  const month = t(MONTHS[Number(parts[2]) - 1] ?? 'month.1');
  if (precision === 'year') return parts[1] ?? '';
  if (precision === 'month') return `${month} ${parts[1]}`;
  return `${Number(parts[3])} ${month} ${parts[1]}`;
}

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Africa/Lagos',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
});

/** An instant as people in Lagos read it: "20 November 2026, 14:05". */
export function instant(value: string | null | undefined): string {
  if (!value || Number.isNaN(Date.parse(value))) return t('date.unknown');
  const part = Object.fromEntries(clock.formatToParts(new Date(value)).map((p) => [p.type, p.value]));
  return `${day(`${part.year}-${part.month}-${part.day}`)}, ${part.hour}:${part.minute}`;
}

/** An instant of today as its time in Lagos, "14:05"; one of another day in full. */
export function moment(at: Date, now: Date): string {
  const [text, today] = [at, now].map((one) => instant(one.toISOString()).split(', '));
  return (text?.[0] === today?.[0] ? text?.[1] : text?.join(', ')) ?? '';
}

/** Seconds in the two largest units that matter: "2 min 5 s". */
export function duration(seconds: number): string {
  if (seconds < 1) return t('duration.moment');
  const s = Math.round(seconds);
  if (s < 60) return t('duration.seconds', { s });
  if (s < 3600) return t('duration.minutes', { m: Math.floor(s / 60), s: s % 60 });
  return t('duration.hours', { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
}

/** Bytes in the unit that people say: "1.4 MB". */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let unit = 0;
  let rest = value;
  while (rest >= 1000 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${unit === 0 ? rest : rest.toFixed(1)} ${units[unit]}`;
}

/** "+2348031234567" → "+234 803 123 4567"; anything else stays as it is. */
export function phone(msisdn: string): string {
  return msisdn.replace(/^\+?(234)(\d{3})(\d{3})(\d{4})$/, '+$1 $2 $3 $4');
}
