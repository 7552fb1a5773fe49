// bcrypt reads 72 bytes and no more; a longer password would promise more than it keeps.
const LEAST = 12;
const MOST = 72;

const size = (password: string) => new TextEncoder().encode(password).length;

/** Whether a password has fewer bytes than the server takes. */
export function tooShort(password: string): boolean {
  return size(password) < LEAST;
}

/** Whether a password has more bytes than the server takes. */
export function tooLong(password: string): boolean {
  return size(password) > MOST;
}
