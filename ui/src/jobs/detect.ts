import { asProblem } from '$/api/problem';
import { api } from '$/api/rest-client';
import { notify } from '$/design/snackbar.svelte';
import { begin } from './started';

/**
 * Starts a detection run, of what is new or of everything, and answers its job;
 * nothing when the server refused, which a note then tells.
 */
export async function startDetection(full = false): Promise<string | undefined> {
  try {
    return begin((await api.post('/recycled-sims/detect', {}, { query: { full: full || undefined } })).job_id);
  } catch (thrown) {
    const problem = asProblem(thrown);
    // A run that is under way already is the one that was wanted.
    if (!problem.jobId) notify(problem.happened, { tone: 'bad' });
    return problem.jobId;
  }
}
