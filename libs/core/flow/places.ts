const NAME = /^[A-Za-z0-9._~@:-]{1,200}$/;

/** Throws `TypeError` for a name that no step can have. */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new TypeError(`"${name}" is not a name for a step: 1 to 200 of A–Z a–z 0–9 . _ ~ @ : -`);
}

/**
 * Names the steps of one branch. A name that occurs again gets a number, so a step that is inserted
 * moves no other step of another name.
 */
export class Places {
  private readonly counts = new Map<string, number>();

  constructor(private readonly prefix: string) {}

  /** The place of the next step of this name. Throws `TypeError` for a name that cannot be used. */
  next(name: string): string {
    checkName(name);
    const count = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, count);
    return `${this.prefix}/${name}${count > 1 ? `#${count}` : ''}`;
  }
}

/**
 * The place of a branch. Its name may come from data, so a slash in it must not look like a part of
 * the place: `a/b` would otherwise be the step `b` of the branch `a`.
 */
export function placeOfBranch(place: string, name: string): string {
  return `${place}/${name.replaceAll('%', '%25').replaceAll('/', '%2F')}`;
}
