"""Made-up organisations for the search bench, written straight into the tables."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
from numpy.typing import NDArray

from cairn.kernel.identity import Caller, Role
from cairn.kernel.ids import uuid7
from cairn.search.model.segments import RecordTerms, build_segment
from cairn.search.model.signs import bits_of
from cairn.search.model.words import pair_hashes, term_hash

DIMENSIONS = 384
_VOCABULARY = 30_000
_PASSAGES_A_RECORD = 15
_WORDS_A_PASSAGE = 90
_RECORDS_A_SEGMENT = 2_000


def word(number: int) -> str:
    """Return a word of the vocabulary: letters only, as most words are, and its own stem."""
    syllables = "bcdfgjklmnprtvwz"
    letters: list[str] = []
    for place in range(4):
        letters += [syllables[number >> 4 * place & 15], "ou"[place % 2]]
    return "".join(letters)


_WORDS = [word(number) for number in range(_VOCABULARY)]
_HASHES = np.array([term_hash(one, "en") for one in _WORDS], np.uint64)
_SHARES = 1 / np.arange(10, _VOCABULARY + 10) ** 0.9
_SUMS = np.cumsum(_SHARES / _SHARES.sum())


@dataclass(frozen=True, slots=True)
class Record:
    """A decision's text, as the decisions slice gives it."""

    id: UUID
    version: int
    title: str
    slug: str
    body: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """A loaded organisation."""

    caller: Caller
    log_id: UUID
    passages: int

    def tell(self) -> dict[str, Any]:
        """Return what `told` makes it of again."""
        ids = (self.caller.tenant_id, self.caller.person_id, self.log_id)
        return {"ids": [str(id_) for id_ in ids], "passages": self.passages}

    @classmethod
    def told(cls, told: dict[str, Any]) -> "Organisation":
        """Return the organisation that another run loaded."""
        tenant_id, person_id, log_id = (UUID(id_) for id_ in told["ids"])
        return cls(Caller(tenant_id, person_id, "Bench", Role.ADMIN), log_id, told["passages"])

    def new_record(self, number: int) -> Record:
        """Return the text of a record of 20 passages."""
        random = np.random.default_rng(1_000 + number)
        parts = [f"## Part {part}\n\n{random_query(random, 170)}" for part in range(20)]
        return Record(uuid7(), 1, random_query(random, 6), "s", "\n\n".join(parts))


def _draw(random: np.random.Generator, count: int) -> NDArray[np.int64]:
    return np.minimum(np.searchsorted(_SUMS, random.random(count)), _VOCABULARY - 1)


def random_query(random: np.random.Generator, words: int) -> str:
    """Return words of the vocabulary, common ones more often."""
    return " ".join(_WORDS[number] for number in _draw(random, words))


async def load_organisation(
    connection: "asyncpg.Connection[asyncpg.Record]", passages: int, topics: NDArray[np.float32], *, seed: int
) -> Organisation:
    """Write an organisation of `passages` passages as a superuser, whom row-level security does not hold up."""
    random = np.random.default_rng(seed)
    caller = Caller(uuid7(), uuid7(), "Bench", Role.ADMIN)
    tenant, log_id = caller.tenant_id, uuid7()
    await connection.set_type_codec(
        "halfvec", schema="public", encoder=lambda content: content, decoder=bytes, format="binary"
    )
    await connection.execute("insert into tenant (tenant_id, name) values ($1, 'Bench')", tenant)
    await connection.execute(
        "insert into person (tenant_id, id, name, role) values ($1, $2, 'B', 'admin')", tenant, caller.person_id
    )
    await connection.execute(
        "insert into log (tenant_id, id, slug, name, prefix) values ($1, $2, 'log', 'Log', 'ADR')", tenant, log_id
    )
    await connection.execute(
        "insert into search_model (tenant_id, id, name, dimensions) values ($1, 1, 'bench', 384)", tenant
    )
    records = max(1, passages // _PASSAGES_A_RECORD)
    ids = [uuid7() for _ in range(records)]
    titles = [random_query(random, 6) for _ in ids]
    tags = [
        [name for name, every in (("tenth", 10), ("hundredth", 100), ("thousandth", 1000)) if n % every == 0]
        for n in range(records)
    ]
    await connection.copy_records_to_table(
        "decision",
        records=[
            (tenant, id_, log_id, n, f"r{n}", caller.person_id, 1, titles[n], "accepted", tags[n])
            for n, id_ in enumerate(ids)
        ],
        columns=["tenant_id", "id", "log_id", "number", "slug", "author_id", "version", "title", "status", "tags"],
    )
    await connection.copy_records_to_table(
        "search_record",
        records=[(tenant, n + 1, id_, 1, 2, "en", 1, 1) for n, id_ in enumerate(ids)],
        columns=[
            "tenant_id",
            "record_no",
            "decision_id",
            "generation",
            "recipe",
            "language",
            "words_version",
            "meaning_version",
        ],
    )
    for first in range(0, records, _RECORDS_A_SEGMENT):
        await _load_segment(connection, tenant, range(first, min(first + _RECORDS_A_SEGMENT, records)), topics, random)
    await connection.execute(
        "insert into search_counter (tenant_id, next_record, next_passage) values ($1, $2, $3)",
        tenant,
        records + 1,
        records * _PASSAGES_A_RECORD + 1,
    )
    return Organisation(caller, log_id, passages)


async def _load_segment(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tenant: UUID,
    numbers: range,
    topics: NDArray[np.float32],
    random: np.random.Generator,
) -> None:
    terms: list[RecordTerms] = []
    passages: list[tuple[Any, ...]] = []
    vectors: list[tuple[Any, ...]] = []
    every: list[NDArray[np.float32]] = []
    for number in numbers:
        drawn = _draw(random, _PASSAGES_A_RECORD * _WORDS_A_PASSAGE).reshape(_PASSAGES_A_RECORD, _WORDS_A_PASSAGE)
        words = _HASHES[drawn]
        texts = [" ".join(_WORDS[number] for number in row) for row in drawn.tolist()]
        first_no = number * _PASSAGES_A_RECORD + 1
        parts = [(first_no + place, row, pair_hashes(row)) for place, row in enumerate(words)]
        terms.append(RecordTerms(number + 1, 1, words.ravel(), np.unique(words[0, :6]), parts))
        # An organisation writes about the first half of the topics.
        near = topics[random.integers(0, len(topics) // 2)] + 0.8 * random.normal(
            size=(_PASSAGES_A_RECORD, DIMENSIONS)
        ) / np.sqrt(DIMENSIONS)
        near /= np.linalg.norm(near, axis=1, keepdims=True)
        for place, vector in enumerate(near):
            passages.append(
                (tenant, first_no + place, uuid7(), number + 1, 1, place, 0, 50, [], "", texts[place], bytes(32))
            )
            packed = np.array([DIMENSIONS, 0], ">u2").tobytes() + vector.astype(">f2").tobytes()
            vectors.append((first_no + place, number + 1, packed))
        every.append(near.astype(np.float32))
    await _load_rows(connection, tenant, passages, vectors)
    block = bits_of(np.array([row[0] for row in vectors], np.int32), np.concatenate(every))
    await connection.execute(
        "insert into search_vector_block (tenant_id, id, model, passages, content) values ($1, $2, 1, $3, $4)",
        tenant,
        uuid7(),
        len(vectors),
        block.pack(),
    )
    segment = build_segment(terms)
    packed = segment.documents.pack()
    segment_id = uuid7()
    await connection.execute(
        "insert into search_segment (tenant_id, id, records, passages, bytes, bucket_bits, languages, documents) "
        "values ($1, $2, $3, $4, $5, $6, '{en}', $7)",
        tenant,
        segment_id,
        len(terms),
        len(passages),
        len(packed) + sum(len(content) for content in segment.buckets.values()),
        list(segment.bucket_bits),
        packed,
    )
    await connection.copy_records_to_table(
        "search_posting",
        records=[
            (tenant, segment_id, int(field), bucket, content) for (field, bucket), content in segment.buckets.items()
        ],
        columns=["tenant_id", "segment_id", "field", "bucket", "content"],
    )


async def _load_rows(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tenant: UUID,
    passages: list[tuple[Any, ...]],
    vectors: list[tuple[Any, ...]],
) -> None:
    columns = [
        "tenant_id",
        "passage_no",
        "id",
        "record_no",
        "version",
        "position",
        "start_offset",
        "end_offset",
        "heading_path",
        "anchor",
        "content",
        "content_hash",
    ]
    await connection.copy_records_to_table("search_passage", records=passages, columns=columns)
    await connection.copy_records_to_table(
        "search_vector",
        records=[(tenant, 1, number, record, packed) for number, record, packed in vectors],
        columns=["tenant_id", "model", "passage_no", "record_no", "embedding"],
    )
