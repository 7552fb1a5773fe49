// The chart: its lines, and the table that says the same.
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import LineChart from '$/design/LineChart.svelte';
import { expectAccessible } from './help';

interface Drawn {
  options: { series: { label?: string; dash?: number[] }[]; axes: { values: (u: unknown, ticks: number[]) => string[] }[] };
  data: number[][];
  destroy: () => void;
}
const { drawn } = vi.hoisted(() => ({ drawn: [] as Drawn[] }));

// What draws needs a canvas, which only a browser has; this remembers what it was told.
vi.mock('uplot', () => ({
  default: class {
    destroy = vi.fn();
    setSize = vi.fn();
    constructor(options: Drawn['options'], data: number[][]) {
      drawn.push({ options, data, destroy: this.destroy });
    }
  },
}));
vi.stubGlobal('ResizeObserver', class {
  observe() {}
  disconnect() {}
});

const days = ['2026-11-19', '2026-11-20'];
const lines = [{ label: 'Recycled', values: [12480, 3] }, { label: 'Ported', values: [1, 2] }];

describe('LineChart', () => {
  beforeEach(() => void (drawn.length = 0));

  it('draws a line for each, told apart by dashes, over days in words', async () => {
    const { container, unmount } = render(LineChart, { title: 'Trend', days, lines });
    const chart = drawn[0]!;
    expect(chart.data).toEqual([[1_795_046_400, 1_795_132_800], [12480, 3], [1, 2]]);
    expect(chart.options.series.map((s) => s.label)).toEqual([undefined, 'Recycled', 'Ported']);
    expect(chart.options.series[1]?.dash).not.toEqual(chart.options.series[2]?.dash);
    expect(chart.options.axes[0]?.values(null, [1_795_132_800])).toEqual(['20 Nov']);
    expect(chart.options.axes[1]?.values(null, [12480, 0.5])).toEqual(['12.5K', '']);
    expect(container.querySelector('.plot')?.getAttribute('aria-hidden')).toBe('true');
    await expectAccessible(container);
    unmount();
    expect(chart.destroy).toHaveBeenCalled();
  });

  it('says the same as a table', async () => {
    const { container } = render(LineChart, { title: 'Trend', days, lines });
    await fireEvent.click(screen.getByRole('button', { name: 'Show as table' }));
    const cells = screen.getAllByRole('row').map((row) => [...row.children].map((cell) => cell.textContent));
    expect(cells).toEqual([['Day', 'Recycled', 'Ported'], ['2026-11-19', '12,480', '1'], ['2026-11-20', '3', '2']]);
    await expectAccessible(container);
    await fireEvent.click(screen.getByRole('button', { name: 'Show as chart' }));
    expect(screen.queryByRole('table')).toBeNull();
  });

  it('is drawn anew when the theme changes, as a canvas follows no style sheet', async () => {
    render(LineChart, { title: 'Trend', days, lines });
    document.documentElement.dataset.theme = 'dark';
    await vi.waitFor(() => expect(drawn).toHaveLength(2));
    expect(drawn[0]?.destroy).toHaveBeenCalled();
    delete document.documentElement.dataset.theme;
    await tick();
  });
});
