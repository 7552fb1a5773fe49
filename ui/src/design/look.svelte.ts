import { LANGUAGES, setLanguage, type Language } from '$/i18n/index.svelte';

export type Theme = 'system' | 'light' | 'dark';
export type Contrast = 'system' | 'standard' | 'high';

interface Look {
  theme: Theme;
  contrast: Contrast;
  language: Language;
  /** Whether single keys do something outside of fields (WCAG 2.1.4 asks for a way to stop them). */
  shortcuts: boolean;
}

/** Where the look is kept; `public/theme-boot.js` reads it before the first paint. */
const PLACE = 'reconexus.look';

/** How this browser wants to see the pages. Change it with {@link wear}. */
export const look = $state<Look>({ theme: 'system', contrast: 'system', language: 'en', shortcuts: true, ...kept() });

/** Takes on a changed look at once and keeps it for the next visit. */
export async function wear(change: Partial<Look>): Promise<void> {
  Object.assign(look, change);
  try {
    localStorage.setItem(PLACE, JSON.stringify(look));
  } catch {
    // Storage is off: the look lasts as long as the page.
  }
  dress();
  await setLanguage(look.language);
}

/** Whether the page is dark now, by choice or by the system. */
export function isDark(): boolean {
  if (look.theme !== 'system') return look.theme === 'dark';
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

function dress() {
  const root = document.documentElement.dataset;
  if (look.theme === 'system') delete root.theme;
  else root.theme = look.theme;
  if (look.contrast === 'system') delete root.contrast;
  else root.contrast = look.contrast;
}

/** What an earlier visit left, without what this version does not know. */
function kept(): Partial<Look> {
  try {
    const found: Partial<Look> = JSON.parse(localStorage.getItem(PLACE) ?? '{}');
    const known: Partial<Look> = {};
    if (found.theme === 'light' || found.theme === 'dark') known.theme = found.theme;
    if (found.contrast === 'high' || found.contrast === 'standard') known.contrast = found.contrast;
    if (found.language && LANGUAGES.includes(found.language)) known.language = found.language;
    if (found.shortcuts === false) known.shortcuts = false;
    return known;
  } catch {
    return {};
  }
}
