import { has, t, type Key } from '$/i18n/index.svelte';

/** One field of a request that the server refused, with its own sentence. */
export interface FieldError {
  field: string;
  code: string;
  message: string;
}

interface ProblemBody {
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  requestId?: string;
  errors?: FieldError[];
  job_id?: string;
}

/**
 * Anything that went wrong between this page and the server, as a sentence for
 * people: RFC 9457 bodies, answers that are no JSON, and no answer at all.
 */
export class Problem extends Error {
  readonly status: number;
  /** Stable, upper snake case; `OFFLINE` when there was no answer. */
  readonly code: string;
  readonly requestId: string | undefined;
  readonly errors: FieldError[];
  /** Seconds to wait, when the server says so. */
  readonly retryAfter: number | undefined;
  /** The job that took the same file before, on a 409. */
  readonly jobId: string | undefined;

  constructor(status: number, body: ProblemBody, retryAfter?: number) {
    super(body.detail || body.title || '');
    this.name = 'Problem';
    this.status = status;
    this.code = body.code ?? codeOf(status);
    this.requestId = body.requestId;
    this.errors = body.errors ?? [];
    this.retryAfter = retryAfter;
    this.jobId = body.job_id ?? /\bjob_[A-Za-z0-9]+/.exec(this.message)?.[0];
  }

  /** What happened, in one sentence. */
  get happened(): string {
    return this.message || t(known('problem.happened', this.code));
  }

  /** What to do about it, in one sentence. */
  get remedy(): string {
    if (this.code === 'RATE_LIMITED' && this.retryAfter) {
      return t('problem.remedy.wait', { count: this.retryAfter });
    }
    return t(known('problem.remedy', this.code));
  }

  /** The server's sentence about one field, if it wrote one. */
  field(name: string): string | undefined {
    return this.errors.find((e) => e.field === name || e.field.endsWith(`.${name}`))?.message;
  }
}

/** Turns whatever was thrown into a {@link Problem}. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  return new Problem(0, { code: thrown instanceof TypeError ? 'OFFLINE' : 'UNEXPECTED' });
}

/** Reads an answer that is not 2xx. */
export async function problemOf(response: Response): Promise<Problem> {
  return problemFrom(
    response.status,
    await response.text(),
    response.headers.get('X-Request-ID'),
    response.headers.get('Retry-After'),
  );
}

/** Builds a problem from the parts of an answer, whatever carried it. */
export function problemFrom(
  status: number,
  text: string,
  requestId: string | null,
  retryAfter: string | null,
): Problem {
  if (status === 0) return new Problem(0, { code: 'OFFLINE' });
  const body = parse(text);
  const seconds = Number.parseInt(retryAfter ?? '', 10);
  return new Problem(
    status,
    { ...body, requestId: body.requestId ?? requestId ?? undefined },
    Number.isNaN(seconds) ? undefined : seconds,
  );
}

function parse(text: string): ProblemBody {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

function codeOf(status: number): string {
  const codes: Record<number, string> = {
    400: 'INPUT_REJECTED',
    401: 'UNAUTHENTICATED',
    403: 'FORBIDDEN',
    404: 'NOT_FOUND',
    409: 'CONFLICT',
    412: 'CONFLICT',
    413: 'PAYLOAD_TOO_LARGE',
    422: 'VALIDATION_FAILED',
    423: 'LOCKED',
    429: 'RATE_LIMITED',
    503: 'UNAVAILABLE',
  };
  return codes[status] ?? (status >= 500 ? 'INTERNAL' : 'UNEXPECTED');
}

/** The catalogue's key for a code, or the one for codes it has not heard of. */
function known(area: 'problem.happened' | 'problem.remedy', code: string): Key {
  const key = `${area}.${code}`;
  return has(key) ? key : `${area}.UNEXPECTED`;
}
