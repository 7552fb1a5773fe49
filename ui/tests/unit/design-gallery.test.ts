// The gallery: complete where pages are built, absent from what is shipped.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ui = join(import.meta.dirname, '../..');
const design = join(ui, 'src/design');

/** The routes as a build packs them, pages left out. */
const BUILD = `
  import { build } from 'vite';
  const { output } = await build({
    configFile: false, logLevel: 'silent', root: process.cwd(), publicDir: false,
    build: { write: false, minify: false, modulePreload: false, lib: { entry: 'src/app/routes.ts', formats: ['es'] }, rollupOptions: { external: /\\.svelte$/ } },
  }).then((all) => [all].flat()[0]);
  console.log(output.map((one) => one.code).join(''));
`;
const built = (mode: string) =>
  execFileSync(process.execPath, ['--input-type=module', '-e', BUILD], { cwd: ui, encoding: 'utf8', env: { ...process.env, NODE_ENV: mode } });

describe('the gallery', () => {
  it('is in the development build and leaves no trace in the shipped one', { timeout: 60_000 }, () => {
    expect(built('development')).toContain('gallery/Gallery.svelte');
    const shipped = built('production');
    expect(shipped).toContain('SignIn.svelte');
    expect(shipped).not.toMatch(/gallery|['"]\/design['"]/i);
  });

  it('shows every component', () => {
    const shown = readdirSync(join(design, 'gallery')).map((file) => readFileSync(join(design, 'gallery', file), 'utf8')).join('\n');
    // These are shown inside of others, or need the shell around them.
    const within = ['Field.svelte', 'Icon.svelte', 'Popover.svelte', 'Snackbar.svelte'];
    const all = readdirSync(design).filter((file) => file.endsWith('.svelte') && !within.includes(file));
    expect(all.filter((file) => !shown.includes(`'../${file}'`))).toEqual([]);
  });
});
