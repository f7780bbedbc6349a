/** What may stand in a fragment: letters, numbers, `_`, `-` and spaces, which become `-`. */
const DROPPED = /[^\p{L}\p{N}_ -]/gu;

/**
 * Gives headings their fragments as GitHub does: `Why not Kafka?` is `why-not-kafka`, its second `why-not-kafka-1`.
 * The server cuts passages by the same rule, so that a link to a passage finds its heading.
 */
export class Slugger {
  readonly #seen = new Map<string, number>();

  slug(heading: string): string {
    const base = heading.toLowerCase().replace(DROPPED, "").replaceAll(" ", "-");
    let slug = base;
    let times = this.#seen.get(base) ?? 0;
    while (this.#seen.has(slug)) {
      times += 1;
      slug = `${base}-${times}`;
    }
    this.#seen.set(base, times);
    this.#seen.set(slug, 0);
    return slug;
  }
}
