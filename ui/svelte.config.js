/** Runes everywhere, so that what is reactive can be seen where it is written. */
export default { compilerOptions: { runes: true } };
