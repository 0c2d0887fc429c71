"""A simulated store of files, mailboxes and archives, and an organisation that judges its items.

The store knows which document is which whatever happens to its place; the crawl sees paths and
bytes alone. After every crawl each judgement must stand on the document it was given for, or on
one that nobody could tell from it, or be reported as lost. Nobody can tell a copy from its
original, nor a document from an edited one where its content came to fewer places than it left,
what stands at its own was seen nowhere before or is a copy, and it had no Message-ID.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random

from cultivar.core.identity.matching import Trace, free_id, matched

LOCATION = "shelf"


@dataclass(frozen=True)
class Document:
    """A document; ``lineage`` is what makes it the same through edits and moves."""

    lineage: int
    content: str
    message_id: str | None = None

    @property
    def hash(self) -> str:
        return hashlib.sha256(f"{self.message_id}{self.content}".encode()).hexdigest()


@dataclass
class World:
    """Files by path, each one document; boxes by path, each a list of documents."""

    random: Random
    files: dict[str, Document] = field(default_factory=dict)
    boxes: dict[str, list[Document]] = field(default_factory=dict)
    bin: list[tuple[str, Document]] = field(default_factory=list)
    made: int = 0

    def new(self, *, mail: bool) -> Document:
        self.made += 1
        content = f"text {self.random.randint(1, 8) if self.random.random() < 0.2 else self.made}"
        with_id = mail and self.random.random() < 0.7
        return Document(self.made, content, f"{self.made}@x" if with_id else None)

    def path(self) -> str:
        return f"{self.random.choice('abc')}/{self.random.randint(1, 9)}.txt"

    def free_path(self) -> str | None:
        free = [path for _ in range(9) if (path := self.path()) not in self.files]
        return free[0] if free else None

    def step(self) -> None:
        """Do one thing that people do."""
        doing = self.random.choice(
            [
                self.add, self.add, self.rename, self.rename, self.edit, self.copy, self.delete,
                self.restore, self.overwrite, self.swap, self.mail, self.mail, self.compact,
                self.shuffle, self.file_mail, self.rename_box,
            ]
        )  # fmt: skip
        doing()

    def add(self) -> None:
        if path := self.free_path():
            self.files[path] = self.new(mail=self.random.random() < 0.3)

    def rename(self) -> None:
        if self.files and (path := self.free_path()):
            old = self.pick()
            self.files[path] = self.files.pop(old)

    def edit(self) -> None:
        if self.files:
            path = self.pick()
            self.made += 1
            self.files[path] = replace(self.files[path], content=f"edited {self.made}")

    def copy(self) -> None:
        if self.files and (path := self.free_path()):
            self.made += 1
            self.files[path] = replace(self.files[self.pick()], lineage=self.made)

    def delete(self) -> None:
        if self.files:
            path = self.pick()
            self.bin.append((path, self.files.pop(path)))

    def restore(self) -> None:
        if self.bin:
            path, document = self.random.choice(self.bin)
            if path not in self.files:
                self.files[path] = document

    def overwrite(self) -> None:
        if len(self.files) > 1:
            over, by = self.pick(), self.pick()
            if over != by:
                self.files[over] = self.files.pop(by)

    def swap(self) -> None:
        if len(self.files) > 1:
            one, two = self.pick(), self.pick()
            self.files[one], self.files[two] = self.files[two], self.files[one]

    def box(self) -> list[Document]:
        name = f"{self.random.choice('pq')}.mbox"
        return self.boxes.setdefault(name, [])

    def mail(self) -> None:
        self.box().append(self.new(mail=True))

    def compact(self) -> None:
        if box := self.box():
            del box[self.random.randrange(len(box))]

    def shuffle(self) -> None:
        self.random.shuffle(self.box())

    def file_mail(self) -> None:
        if box := self.box():
            mail = box.pop(self.random.randrange(len(box)))
            self.box().append(mail)

    def rename_box(self) -> None:
        if self.boxes:
            old = self.random.choice(sorted(self.boxes))
            new = f"{self.random.choice('pqrs')}.mbox"
            if new not in self.boxes:
                self.boxes[new] = self.boxes.pop(old)

    def pick(self) -> str:
        return self.random.choice(sorted(self.files))

    def listed(self) -> dict[str, Document]:
        """Return every item by path, as a crawl finds them."""
        items = dict(self.files)
        for name, box in self.boxes.items():
            items |= {f"{name}!/{number}": each for number, each in enumerate(box, start=1)}
        return items


@dataclass
class Office:
    """Crawls a world, remembers ids, and holds judgements by item id."""

    items: dict[str, tuple[str, Document]] = field(default_factory=dict)
    judged: dict[str, tuple[str, Document]] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    left: dict[str, Trace] = field(default_factory=dict)
    reported: set[str] = field(default_factory=set)

    def crawl(self, world: World) -> None:
        """Find the items again; what is judged and not found is reported and kept aside."""
        listed = world.listed()
        same = {
            item: (path, document)
            for item, (path, document) in self.items.items()
            if listed.get(path) == document
        }
        known = [
            _trace(item, path, document)
            for item, (path, document) in self.items.items()
            if item not in same
        ] + list(self.left.values())
        unchanged = {path for path, _ in same.values()}
        found = [
            _trace("", path, document) for path, document in listed.items() if path not in unchanged
        ]
        pairs = matched(known, found)
        taken = {*same, *(each.item_id for each in known)}
        for at, trace in enumerate(found):
            if at in pairs:
                item = known[pairs[at]].item_id
                self.left.pop(item, None)
            else:
                item = free_id(LOCATION, trace.path, taken.__contains__)
                taken.add(item)
            same[item] = (trace.path, listed[trace.path])
        for each in known:
            if each.item_id in self.judged and each.item_id not in same:
                self.reported.add(each.item_id)
                self.left[each.item_id] = replace(each, has_left=True)
        self.items = same

    def check(self, world: World) -> None:
        """Hold every judgement against the truth."""
        listed = {path: each.hash for path, each in world.listed().items()}
        now = Counter(listed.values())
        came = Counter(found for path, found in listed.items() if self.before.get(path) != found)
        went = Counter(found for path, found in self.before.items() if listed.get(path) != found)
        for item, (path, judged) in self.judged.items():
            if item not in self.items:
                assert item in self.reported, f"{item} lost without a report"
                was_here = self.before.get(path) == judged.hash and item not in self.gone
                assert not was_here or came[judged.hash] < went[judged.hash], f"{item} overlooked"
                continue
            place, stands = self.items[item]
            looks_edited = (
                place == path
                and came[judged.hash] < went[judged.hash]
                and (stands.hash not in self.before.values() or now[stands.hash] > 1)
                and not judged.message_id
            )
            assert _same(judged, stands) or looks_edited, f"{item}: {judged} became {stands}"
            self.judged[item] = (place, stands)
            self.reported.discard(item)
        self.before = listed
        self.gone = {item for item in self.judged if item not in self.items}
        assert len({path for path, _ in self.items.values()}) == len(self.items)
        assert len(self.items) == len(world.listed())

    def judge(self, random: Random) -> None:
        """Give some item a label by hand."""
        if self.items:
            item = random.choice(sorted(self.items))
            self.judged.setdefault(item, self.items[item])


def _same(one: Document, other: Document) -> bool:
    if one.lineage == other.lineage or one.hash == other.hash:
        return True
    return one.message_id is not None and one.message_id == other.message_id


def _trace(item: str, path: str, document: Document) -> Trace:
    return Trace(item, path, document.hash, document.message_id)


def live(seed: int, steps: int) -> Office:
    """Live through a history and check every crawl; return the office in the end."""
    random = Random(seed)
    world, office = World(random), Office()
    for _ in range(6):
        world.add()
        world.mail()
    for _ in range(steps):
        world.step()
        if random.random() < 0.4:
            office.crawl(world)
            office.check(world)
            office.judge(random)
    return office
