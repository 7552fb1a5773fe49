// The live channels: one socket's manners with a clock that we turn, and what the
// windows of one browser share, against a real server on loopback.
import { QueryClient } from '@tanstack/svelte-query';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Channel, simsChannel } from '$/api/live.svelte';
import { Line, RESET, type Connection } from '$/api/line';
import type { LiveEvent } from '$/api/types';
import { followAlerts } from '$/app/alerts';

const { WebSocketServer, WebSocket: NodeSocket } = createRequire(import.meta.url)('../../node_modules/ws/index.js') as typeof import('ws');

/** A socket that does what the test says. */
class PuppetSocket {
  static all: PuppetSocket[] = [];
  static get last() {
    return PuppetSocket.all.at(-1)!;
  }
  onopen?: () => void;
  onmessage?: (message: { data: string }) => void;
  onclose?: (close: { code: number }) => void;
  closed = false;
  constructor(readonly url: string) {
    PuppetSocket.all.push(this);
  }
  close() {
    this.closed = true;
  }
}

const event = (id: string, type = 'job.updated'): LiveEvent => ({ id, channel: 'jobs', type, at: '2026-11-20T10:00:00Z', data: {} });

describe('a line', () => {
  let turns: Connection[];
  let heard: LiveEvent[];
  let renew: ReturnType<typeof vi.fn>;
  let lines: Line[] = [];

  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(1);
    vi.stubGlobal('WebSocket', PuppetSocket);
    PuppetSocket.all = [];
    turns = [];
    heard = [];
    renew = vi.fn().mockResolvedValue(undefined);
  });
  afterEach(() => {
    lines.forEach((line) => line.stop());
    lines = [];
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  function start(last = '', returns = false) {
    const line = new Line('jobs', { renew: renew as () => Promise<unknown>, hear: (e) => heard.push(e), turn: (c) => turns.push(c) }, last, returns);
    lines.push(line);
    line.start();
    return line;
  }
  /** The socket opens, lives for a while and breaks. */
  async function live(milliseconds: number, code: number) {
    const socket = PuppetSocket.last;
    socket.onopen?.();
    await vi.advanceTimersByTimeAsync(milliseconds);
    socket.onclose?.({ code });
  }

  it('waits twice as long after each failure, half a minute at most, and renews the session each time', async () => {
    start();
    const waits = [1, 2, 4, 8, 16, 30, 30].map((seconds) => seconds * 1_000);
    for (const [i, wait] of waits.entries()) {
      PuppetSocket.last.onclose?.({ code: 1006 });
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(PuppetSocket.all, `before wait ${i}`).toHaveLength(i + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(PuppetSocket.all, `after wait ${i}`).toHaveLength(i + 2);
    }
    expect(renew).toHaveBeenCalledTimes(waits.length);
    expect(turns).toEqual(['connecting', ...waits.map(() => 'waiting')]);
  });

  it('begins with a short wait again once a socket lived', async () => {
    start();
    for (let i = 0; i < 4; i++) {
      PuppetSocket.last.onclose?.({ code: 1006 });
      await vi.advanceTimersByTimeAsync(30_000);
    }
    const before = PuppetSocket.all.length;
    await live(60_000, 1006);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(PuppetSocket.all).toHaveLength(before + 1);
  });

  it('comes back at once, and says nothing of a break, when only the access token ran out', async () => {
    start();
    await live(900_000, 4001);
    await vi.advanceTimersByTimeAsync(0);
    expect(PuppetSocket.all).toHaveLength(2);
    expect(renew).toHaveBeenCalledTimes(1);
    expect(turns).toEqual(['connecting', 'open']);
  });

  it('does not run in circles when its sign-in is refused again and again', async () => {
    start();
    await live(10, 4001);
    await vi.advanceTimersByTimeAsync(900);
    expect(PuppetSocket.all).toHaveLength(1);
    expect(turns.at(-1)).toBe('waiting');
  });

  it('stays away where it may not listen', async () => {
    start();
    await live(10, 4003);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(PuppetSocket.all).toHaveLength(1);
    expect(turns.at(-1)).toBe('idle');
  });

  it('waits long when the account has too many sockets', async () => {
    start();
    await live(10, 4008);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(PuppetSocket.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(PuppetSocket.all).toHaveLength(2);
  });

  it('hurries when the device is on a network again', async () => {
    const line = start();
    for (let i = 0; i < 6; i++) {
      PuppetSocket.last.onclose?.({ code: 1006 });
      await vi.advanceTimersByTimeAsync(30_000);
    }
    PuppetSocket.last.onclose?.({ code: 1006 });
    const before = PuppetSocket.all.length;
    dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
    expect(PuppetSocket.all).toHaveLength(before + 1);
    line.stop();
    expect(PuppetSocket.last.closed).toBe(true);
    dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(PuppetSocket.all).toHaveLength(before + 1);
  });

  it('asks for what came after its last event, and says so when it cannot know what it missed', async () => {
    start();
    PuppetSocket.last.onopen?.();
    PuppetSocket.last.onmessage?.({ data: JSON.stringify(event('0007-a')) });
    PuppetSocket.last.onmessage?.({ data: 'no event' });
    PuppetSocket.last.onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(new URL(PuppetSocket.last.url).searchParams.get('last_event_id')).toBe('0007-a');
    expect(heard.map((e) => e.id)).toEqual(['0007-a']);

    heard = [];
    start('', true);
    PuppetSocket.last.onopen?.();
    expect(heard.map((e) => e.type)).toEqual([RESET]);
  });
});

/** Web Locks as browsers have them, of which Node and jsdom know nothing. */
class Locks {
  readonly #turns = new Map<string, Promise<unknown>>();
  request(name: string, { signal }: { signal: AbortSignal }, run: () => Promise<void>): Promise<unknown> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(() => (signal.aborted ? undefined : run()));
    this.#turns.set(name, turn);
    return turn;
  }
}

/** The windows' post, delivered a moment later to all but the sender. */
class Post {
  static open = new Set<Post>();
  onmessage?: (message: { data: unknown }) => void;
  constructor(readonly name: string) {
    Post.open.add(this);
  }
  postMessage(data: unknown) {
    for (const other of Post.open) {
      if (other !== this && other.name === this.name) setTimeout(() => Post.open.has(other) && other.onmessage?.({ data: structuredClone(data) }));
    }
  }
  close() {
    Post.open.delete(this);
  }
}

describe('the windows of one browser', () => {
  let server: Server;
  let hub: InstanceType<typeof WebSocketServer>;
  let asked: string[];
  const tell = (id: string) => hub.clients.forEach((socket) => socket.send(JSON.stringify(event(id))));

  beforeEach(async () => {
    asked = [];
    server = createServer();
    hub = new WebSocketServer({ server });
    hub.on('connection', (_, request) => asked.push(request.url ?? ''));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    vi.stubGlobal('WebSocket', class extends NodeSocket {
      constructor(url: string) {
        super(`ws://127.0.0.1:${port}${new URL(url).pathname}${new URL(url).search}`);
      }
    });
    vi.stubGlobal('BroadcastChannel', Post);
    Object.defineProperty(navigator, 'locks', { value: new Locks(), configurable: true });
  });
  afterEach(() => {
    Reflect.deleteProperty(navigator, 'locks');
    vi.unstubAllGlobals();
    hub.close();
    server.close();
  });

  it('hold one socket together, hear the same, and the next one goes on when the first closes', async () => {
    const heard: string[][] = [[], [], []];
    const windows = heard.map(() => new Channel('jobs', async () => undefined));
    const stops = windows.map((window, i) => window.listen((e) => heard[i]!.push(e.id)));
    await vi.waitFor(() => expect(windows.map((w) => w.connection)).toEqual(['open', 'open', 'open']));
    expect(asked).toEqual(['/ws/jobs']);

    tell('0001-a');
    await vi.waitFor(() => expect(heard).toEqual([['0001-a'], ['0001-a'], ['0001-a']]));

    stops[0]?.();
    await vi.waitFor(() => expect(asked).toEqual(['/ws/jobs', '/ws/jobs?last_event_id=0001-a']));
    await vi.waitFor(() => expect(windows.map((w) => w.connection)).toEqual(['idle', 'open', 'open']));
    tell('0002-a');
    await vi.waitFor(() => expect(heard).toEqual([['0001-a'], ['0001-a', '0002-a'], ['0001-a', '0002-a']]));
    stops.forEach((stop) => stop());
    await vi.waitFor(() => expect(hub.clients.size).toBe(0));
  });

  it('tell a window that comes later how the line is and where it stands', async () => {
    const first = new Channel('jobs', async () => undefined);
    const stopFirst = first.listen(() => undefined);
    await vi.waitFor(() => expect(first.connection).toBe('open'));
    tell('0005-a');
    const late = new Channel('jobs', async () => undefined);
    const stopLate = late.listen(() => undefined);
    await vi.waitFor(() => expect(late.connection).toBe('open'));
    stopFirst();
    await vi.waitFor(() => expect(asked.at(-1)).toBe('/ws/jobs?last_event_id=0005-a'));
    stopLate();
  });

  it('each hold a socket of their own where the browser has no locks', async () => {
    Reflect.deleteProperty(navigator, 'locks');
    const windows = [new Channel('jobs', async () => undefined), new Channel('jobs', async () => undefined)];
    const stops = windows.map((window) => window.listen(() => undefined));
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    stops.forEach((stop) => stop());
  });
});

describe('numbers that are found', () => {
  it('move the counts at a steady pace, and no row under a finger', () => {
    vi.useFakeTimers();
    let tell: (event: LiveEvent) => void = () => undefined;
    vi.spyOn(simsChannel, 'listen').mockImplementation((listener) => {
      tell = listener;
      return () => undefined;
    });
    vi.stubGlobal('WebSocket', PuppetSocket);
    const client = new QueryClient();
    const asked = vi.spyOn(client, 'invalidateQueries').mockResolvedValue();
    const stop = followAlerts(client, () => true);
    for (let i = 0; i < 1_000; i++) tell(event(`${i}`, 'sim.recycled'));
    const first = asked.mock.calls.length;
    vi.advanceTimersByTime(60_000);
    expect(asked.mock.calls.length).toBe(first * 2);
    expect(asked.mock.calls.map(([what]) => [what?.queryKey?.[0], what?.refetchType]).slice(0, first)).toEqual([
      ['stats', undefined], ['trends', undefined], ['sims', 'none'],
    ]);
    tell(event('x', RESET));
    expect(asked.mock.lastCall).toEqual([]);
    stop();
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it('are not asked for by who may not see them', () => {
    vi.stubGlobal('WebSocket', PuppetSocket);
    const listen = vi.spyOn(simsChannel, 'listen');
    followAlerts(new QueryClient(), () => false)();
    expect(listen).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
});
