/** What may stand in a fragment: letters, marks, digits, `_`, `-` and spaces, which become `-`. */
const DROPPED = /[^\p{L}\p{M}\p{N}\p{Pc} -]/gu;

/** Gives headings their fragments as GitHub does: `Why not Kafka?` is `why-not-kafka`, its second `why-not-kafka-1`. */
export class Slugger {
  readonly #seen = new Map<string, number>();

  slug(heading: string): string {
    const base = heading.trim().toLowerCase().replace(DROPPED, "").replaceAll(" ", "-");
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
