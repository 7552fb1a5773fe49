import axe from 'axe-core';
import { createRawSnippet } from 'svelte';
import { expect, vi } from 'vitest';

// axe takes its time where other work runs beside it.
vi.setConfig({ testTimeout: 30_000 });

/** A snippet that is a piece of text. */
export const words = (text: string) => createRawSnippet(() => ({ render: () => `<span>${text}</span>` }));

/** Fails when axe finds anything; colours need a real browser and are checked end to end. */
export async function expectAccessible(root: Element): Promise<void> {
  const { violations } = await axe.run(root, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
}
