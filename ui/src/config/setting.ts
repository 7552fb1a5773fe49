import type { Setting, SettingSource } from '$/api/types';
import { has, label } from '$/i18n/index.svelte';

/** Where a value can come from, the weakest first. */
export const KINDS: readonly SettingSource[] = ['default', 'file', 'credential', 'vault', 'environment', 'flag'];

/** What a setting is for: the catalogue's words, or the server's for one it has not heard of. */
export function about(setting: Setting): string {
  const name = setting.key.replaceAll('.', '_');
  return has(`settingHelp.${name}`) ? label('settingHelp', name) : setting.help;
}

/** The settings that fit, by the part of the key before the dot, in the server's order. */
export function grouped(items: Setting[], words: string, kind: string): [string, Setting[]][] {
  const wanted = words.toLowerCase();
  const groups = new Map<string, Setting[]>();
  for (const setting of items) {
    const text = `${setting.key} ${setting.env} ${about(setting)} ${setting.value}`.toLowerCase();
    if ((kind && setting.kind !== kind) || !text.includes(wanted)) continue;
    const [section = ''] = setting.key.split('.', 1);
    const name = section === setting.key ? 'general' : section;
    groups.set(name, [...(groups.get(name) ?? []), setting]);
  }
  return [...groups];
}

/** How a setting stands in the file: `[http]` and `addr = …` under it. */
export function inFile(key: string): { section: string; name: string } {
  const dot = key.indexOf('.');
  return dot < 0 ? { section: '', name: key } : { section: key.slice(0, dot), name: key.slice(dot + 1) };
}
