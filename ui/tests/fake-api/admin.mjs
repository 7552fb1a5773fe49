// Made-up people, keys, audit entries, settings and parts of a box, in the shapes
// of the REST contract.
import { operators, permissions } from './data.mjs';

const now = () => new Date().toISOString();
const ago = (days) => new Date(Date.now() - days * 86_400_000).toISOString();

const users = ['Ada Obi', 'Amina Bello', 'Túndé Ògúnlẹ́yẹ', 'Chidi Ńwọkọ́'].map((full_name, i) => ({
  id: `usr_${i + 1}`, email: `person${i + 1}@example.ng`, full_name, role: ['admin', 'operator', 'bank', 'auditor'][i],
  ...(i === 1 && { operator_code: operators[0].code }), ...(i === 2 && { bank_code: '044' }),
  grants: i === 1 ? ['sim:bulk_upload'] : [], permissions: ['sim:read'], disabled: i === 2, created_at: ago(30), updated_at: ago(3), version: 1,
}));
const keys = [{ id: 'key_1', name: 'Desk of bank 044', scopes: ['sim:read', 'linkage:read'], bank_code: '044', per_minute: 0, created_by: 'usr_1', created_at: ago(10), expires_at: ago(-80), version: 1 }];
const lines = Array.from({ length: 120 }, (_, i) => ({
  seq: 119 - i, at: ago(i / 10), actor: 'usr_1', name: 'person1@example.ng', role: 'admin', address: '192.0.2.7',
  action: ['user.update', 'auth.login', 'detect.start'][i % 3], object: i % 3 ? '' : 'usr_2', result: i % 20 === 7 ? 'denied' : 'done', request: 'req_0123456789',
  detail: i % 3 ? {} : { version: 2, grants: ['sim:bulk_upload'], grants_before: [] },
}));
const roles = {
  items: ['admin', 'operator', 'bank', 'auditor', 'api_client'].map((role, i) => ({ role, what: '', permissions: permissions.slice(0, permissions.length - i * 2) })),
  permissions: permissions.map((code) => ({ code, what: '', wide: code === 'user:manage' || code === 'audit:read' })),
  scopes: [{ code: 'number-recycling:check', what: '', wide: false }],
};
const setting = (key, value, kind = 'default', more = {}) => ({ key, value, source: kind, kind, help: '', env: `RECONEXUS_${key.toUpperCase().replace('.', '_')}`, secret: false, set: !!value, ...more });
const settings = {
  items: [setting('data', '/var/lib/reconexus', 'file'), setting('http.addr', '127.0.0.1:8080'), setting('sentry.dsn', '', 'environment', { secret: true, set: true })],
  warnings: [], file: '/etc/reconexus/reconexus.toml',
};
const about = () => ({
  version: '0.0.0', commit: '0123456789ab', go: 'go1.26', platform: 'linux/amd64', started_at: ago(1), uptime_seconds: 86_400, schema: 2, modules: [],
  parts: [{ name: 'store', ok: true }, { name: 'jobs', ok: true, counts: { queued: 0, running: 0, paused: 0 } }, { name: 'live', ok: true }, { name: 'disk', ok: true }],
  place: { folder: '/var/lib/reconexus', database_bytes: 4e9, jobs_bytes: 2e8, cache_bytes: 7e6, other_bytes: 151, free_bytes: 6e10, disk_bytes: 2e11 },
});

/** The routes of administration; `ok` and `page` are the server's own. */
export function administration(ok, page) {
  const has = (text, words) => !words || text.toLowerCase().includes(words.toLowerCase());
  return {
    'GET /users': (_, res, url) => ok(res, page(users.filter((u) => has(`${u.full_name} ${u.email}`, url.searchParams.get('q')) && (!url.searchParams.get('role') || u.role === url.searchParams.get('role'))), url)),
    'POST /users': (_, res, __, body) => ok(res, { ...users[1], ...body, id: 'usr_2', password: 'made-up-and-shown-once' }, 201),
    'GET /roles': (_, res) => ok(res, roles),
    'GET /api-keys': (_, res, url) => ok(res, page(keys, url)),
    'POST /api-keys': (_, res, __, body) => ok(res, { ...keys[0], ...body, key: 'rxk_made_up_and_shown_once' }, 201),
    'GET /audit-logs': (_, res, url) => {
      const after = Number(url.searchParams.get('after') || 1e9);
      const fit = lines.filter((l) => l.seq < after && (!url.searchParams.get('result') || l.result === url.searchParams.get('result')));
      ok(res, { items: fit.slice(0, 25), total: after === 1e9 ? fit.length : -1, skip: 0, limit: 25, ...(fit.length > 25 && { next: String(fit[24].seq) }) });
    },
    'GET /audit-logs/checkpoint': (_, res) => ok(res, { size: 120, note: 'go.sum database tree\n120\nx=\n\n— reconexus-audit x\n', key: 'k' }),
    'POST /audit-logs/verify': (_, res) => ok(res, { size: 120, dropped: 0, checkpoints: 2, head: 'tJAD0KaaJVX3eQZM4aHZiMwPFBHdlEeChY290AFQOM4=', faults: [] }),
    'GET /settings': (_, res) => ok(res, settings),
    'GET /about': (_, res) => ok(res, about()),
  };
}

/** One account, key or entry by its id, read, changed or removed; undefined for what is none. */
export function administered(method, [, area, id, deed], body) {
  if (area === 'audit-logs') return deed ? { entry: lines[119 - Number(id)] } : lines[119 - Number(id)];
  const list = { users, 'api-keys': keys }[area];
  const one = list?.find((item) => item.id === id);
  if (one && deed === 'reset') return { id, password: 'made-up-and-shown-once' };
  if (one && method === 'PATCH') Object.assign(one, body, { version: one.version + 1, updated_at: now() });
  if (one && method === 'DELETE') list.splice(list.indexOf(one), 1);
  return one;
}
