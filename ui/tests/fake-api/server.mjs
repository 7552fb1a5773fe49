// A stand-in for the binary while pages are drawn: the routes of the REST
// contract with made-up data, and the built pages under the same security policy.
// Never part of a build.   node tests/fake-api/server.mjs [port] [fresh|full]
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { administered, administration } from './admin.mjs';
import { banks, check, conflicts, detail, linkages, makeSims, operators, permissions, preview, stats, trends, view } from './data.mjs';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types svelte-trusted-html service-worker";
const dist = fileURLToPath(new URL('../../../embed/dist/pages', import.meta.url));
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.webmanifest': 'application/manifest+json' };

const full = process.argv[3] === 'full';
const state = {
  admin: full,
  signedIn: full,
  name: 'Ada Obi',
  sims: full ? makeSims(180) : [],
  loaded: full,
  jobs: [],
  feeds: [],
};
const sockets = new Set();

function problem(res, status, code, detailText, errors = []) {
  const body = { type: 'about:blank', title: code, status, detail: detailText, instance: '', code, requestId: 'req_0123456789', errors };
  res.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify(body));
}
const ok = (res, body, status = 200) => res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
const page = (items, url) => {
  const skip = Number(url.searchParams.get('skip') ?? 0);
  const limit = Number(url.searchParams.get('limit') ?? 50);
  return { items: items.slice(skip, skip + limit), total: items.length, skip, limit };
};

function publish(job) {
  const event = { id: `${Date.now()}-${Math.random()}`, channel: 'jobs', type: 'job.updated', at: new Date().toISOString(), data: job };
  for (const socket of sockets) socket.send(JSON.stringify(event));
}

function start(kind, title, total, result, done) {
  const job = {
    id: `job_${String(state.jobs.length + 1).padStart(6, '0')}`, kind, title, stage: 'Reading the file', state: 'running',
    progress: { done: 0, total, unit: 'rows', per_second: total / 3 }, result: null, error: null,
    created_at: new Date().toISOString(), started_at: new Date().toISOString(), finished_at: null,
  };
  state.jobs.unshift(job);
  const timer = setInterval(() => {
    if (job.state !== 'running') return clearInterval(timer);
    job.progress.done = Math.min(total, job.progress.done + Math.ceil(total / 12));
    if (job.progress.done > total / 2) job.stage = 'Comparing with yesterday';
    if (job.progress.done >= total) {
      Object.assign(job, { state: 'succeeded', result, finished_at: new Date().toISOString() });
      done?.();
      clearInterval(timer);
    }
    publish(job);
  }, 250);
  return job;
}

const fill = () => {
  state.loaded = true;
  state.sims = makeSims(180);
};

const routes = {
  'GET /auth/setup': (_, res) => ok(res, { needed: !state.admin }),
  'POST /auth/setup': (_, res, __, body) => {
    if (body.token !== 'token') return problem(res, 401, 'UNAUTHENTICATED', 'This set-up link is not the right one. Print it again with reconexus setup-token.');
    if (body.password.length < 12) return problem(res, 422, 'VALIDATION_FAILED', 'The password is too short.', [{ field: 'password', code: 'TOO_SHORT', message: 'Use at least 12 characters.' }]);
    state.admin = state.signedIn = true;
    state.name = body.full_name;
    ok(res, { csrf_token: 'csrf', expires_in: 900, token_type: 'Cookie' });
  },
  'POST /auth/login': (_, res, __, body) => {
    if (body.password === 'wrong password') return problem(res, 401, 'UNAUTHENTICATED', 'The e-mail address or the password is wrong.');
    state.signedIn = true;
    ok(res, { csrf_token: 'csrf', expires_in: 900, token_type: 'Cookie' });
  },
  'POST /auth/refresh': (_, res) => problem(res, 401, 'UNAUTHENTICATED', 'The session has ended.'),
  'POST /auth/logout': (_, res) => ((state.signedIn = false), ok(res, { message: 'Logged out successfully' })),
  'POST /auth/password': (_, res) => ok(res, {}),
  'GET /auth/me': (_, res) => ok(res, { id: 'usr_1', email: 'ada@example.ng', full_name: state.name, role: 'admin', permissions, csrf_token: 'csrf', last_login: new Date().toISOString() }),
  'PATCH /auth/me': (_, res, __, body) => ((state.name = body.full_name), ok(res, {})),
  'GET /auth/sessions': (req, res, url) => ok(res, page([
    { id: 'ses_1', created_at: new Date().toISOString(), seen_at: new Date().toISOString(), address: '127.0.0.1', agent: req.headers['user-agent'], current: true },
    { id: 'ses_2', created_at: new Date().toISOString(), seen_at: new Date().toISOString(), address: '192.0.2.7', agent: 'Mozilla/5.0 (Android 14) Firefox/140.0', current: false },
  ], url)),
  ...administration(ok, page),
  'GET /operators': (_, res, url) => ok(res, page(operators, url)),
  'GET /dashboard/stats': (_, res) => ok(res, { ...stats(state.sims, state.loaded), running_jobs: state.jobs.filter((j) => j.state === 'running').length }),
  'GET /dashboard/trends': (_, res, url) => ok(res, trends(Number(url.searchParams.get('days') ?? 30))),
  'GET /recycled-sims': (_, res, url) => {
    const q = url.searchParams;
    ok(res, page(state.sims.filter((s) =>
      (!q.get('operator_code') || s.operator_code === q.get('operator_code')) &&
      (!q.get('linkage_status') || s.linkage_status === q.get('linkage_status')) &&
      (!q.get('cleanup_status') || s.cleanup_status === q.get('cleanup_status')) &&
      (!q.get('risk_min') || s.risk_score >= Number(q.get('risk_min'))) &&
      (!q.get('q') || s.msisdn.includes(q.get('q')))), url));
  },
  'GET /banks': (_, res, url) => ok(res, page(banks, url)),
  'GET /nin-linkages': (_, res, url) => ok(res, page(linkages('nin', state.sims), url)),
  'GET /bvn-linkages': (_, res, url) => ok(res, page(linkages('bvn', state.sims), url)),
  'GET /identity/conflicts': (_, res, url) => ok(res, page(conflicts(state.sims), url)),
  'GET /inventories': (_, res, url) => ok(res, page(state.feeds, url)),
  'GET /jobs': (_, res, url) => {
    const wanted = url.searchParams.get('state');
    ok(res, page(state.jobs.filter((j) => (!wanted || j.state === wanted) && (!url.searchParams.get('kind') || j.kind === url.searchParams.get('kind'))), url));
  },
  'POST /demo-data': (_, res) => ok(res, { job_id: start('demo.load', 'Demo data', 240_000, { rows: 240_000 }, fill).id }, 202),
  'POST /recycled-sims/detect': (_, res) => ok(res, { job_id: start('detect.scan', 'Detection', 180, { scanned: 180, conflicted: 60, clean: 100, review: 20 }).id }, 202),
  'POST /imports/preview': (_, res) => ok(res, preview),
  'POST /linkages/imports': (_, res) => ok(res, { job_id: start('linkage.import', 'Linkages', 90_000, { rows: 90_000, rejected: 0 }).id }, 202),
  'POST /recycled-sims/imports': (_, res) => ok(res, { job_id: start('sims.import', 'Recycled SIMs', 900, { rows: 900, rejected: 2 }).id }, 202),
};

createServer(async (req, res) => {
  const url = new URL(req.url, 'http://localhost');
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  res.setHeader('X-Request-ID', 'req_0123456789');
  if (!url.pathname.startsWith('/api/v1')) return serve(url.pathname, res);
  const path = url.pathname.slice('/api/v1'.length);
  const open = /^\/auth\/(setup|login|refresh)$/.test(path);
  if (!open && !state.signedIn) return problem(res, 401, 'UNAUTHENTICATED', 'Sign in first.');
  const json = req.headers['content-type'] === 'application/json' ? JSON.parse(Buffer.concat(chunks).toString() || '{}') : {};
  const route = routes[`${req.method} ${path}`];
  if (route) return route(req, res, url, json);
  const part = path.split('/');
  if (part[1] === 'inventories') {
    const day = url.searchParams.get('day');
    const job = start('inventory.import', `Inventory of ${part[2]}, ${day}`, 120_000, { rows: 120_000, accepted: 119_988, rejected: 12, changed: 640 }, fill);
    state.feeds.unshift({ operator_code: part[2], day, state: 'applied', rows: 120_000, rejected: 12, changed: 640, job_id: job.id, file_name: url.searchParams.get('name'), digest: '0', received_at: new Date().toISOString() });
    return ok(res, { job_id: job.id }, 202);
  }
  const job = state.jobs.find((j) => j.id === part[2]);
  if (part[1] === 'jobs' && job) {
    if (part[3] === 'cancel') Object.assign(job, { state: 'cancelled', finished_at: new Date().toISOString() });
    if (part[3]?.endsWith('.csv')) return res.writeHead(200, { 'Content-Type': 'text/csv', 'Content-Disposition': `attachment; filename="${part[3]}"` }).end('line,column,code,message\r\n');
    return ok(res, job);
  }
  if (part[1] === 'recycling-checks') return ok(res, check(decodeURIComponent(part[2]), url.searchParams.get('since')));
  if (part[1] === 'identity' && part[4] === 'status') return ok(res, view(decodeURIComponent(part[3])));
  const sim = state.sims.find((s) => s.id === part[2]);
  if (part[1] === 'recycled-sims' && sim) return ok(res, detail(sim));
  if (part[1] === 'auth' && req.method === 'DELETE') return ok(res, {});
  const one = administered(req.method, part, json);
  if (one) return ok(res, one);
  problem(res, 404, 'NOT_FOUND', 'There is nothing at this address.');
})
  .on('upgrade', (req, socket, head) => {
    new WebSocketServer({ noServer: true }).handleUpgrade(req, socket, head, (ws) => {
      sockets.add(ws);
      ws.on('close', () => sockets.delete(ws));
    });
  })
  .listen(Number(process.argv[2] ?? 8080), '127.0.0.1', function () {
    console.log(`fake ready on http://127.0.0.1:${this.address().port}`);
  });

function serve(path, res) {
  const file = join(dist, normalize(path));
  const headers = (name) => ({ 'Content-Type': types[extname(name)] ?? 'text/plain', 'Content-Security-Policy': POLICY });
  try {
    const bytes = readFileSync(file);
    res.writeHead(200, headers(file)).end(bytes);
  } catch {
    if (path.startsWith('/assets/')) return res.writeHead(404).end();
    res.writeHead(200, headers('index.html')).end(readFileSync(join(dist, 'index.html')));
  }
}
