"""`Repo(validation_context=)`: what validators get as `info.context`, in every read and write through a repository."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationInfo, field_validator

from dynamorm_py import AsJson, Attr, DynamoModel, PartitionKey, Put, Repo, Table, fields, transact_write
from dynamorm_py.errors import InvalidValue, ItemDecodeError
from dynamorm_py.testing import ScriptedClient

WORDS = {"words": {"y", "yes"}}


def known(word: str, info: ValidationInfo) -> str:
    if word not in info.context["words"]:  # type: ignore[index]
        raise ValueError("an unknown word")
    return word


class Note(DynamoModel, table="notes"):
    pk: Annotated[str, PartitionKey()] = "a"
    word: str = Field(default="y")
    words: list[str] = Field(default_factory=list[str])

    _known = field_validator("word")(known)


class Short(BaseModel):
    word: str

    _known = field_validator("word")(known)


ITEM = {"pk": {"S": "a"}, "word": {"S": "y"}}


def test_reads_have_the_context() -> None:
    with ScriptedClient({"Item": ITEM}, {"Item": ITEM}, {"Items": [ITEM]}) as client:
        notes = Repo(Note, client=client, validation_context=WORDS)
        assert notes.get("a").word == "y"
        assert notes.get("a", project=Short) == Short.model_validate({"word": "y"}, context=WORDS)
        assert [note.word for note in notes.scan()] == ["y"]


def test_a_repository_without_one_says_what_the_validator_raised() -> None:
    with ScriptedClient({"Item": ITEM}) as client, pytest.raises(ItemDecodeError, match="TypeError") as caught:
        Repo(Note, client=client).get("a")
    assert isinstance(caught.value.__cause__, TypeError)


def test_a_word_that_the_context_does_not_know_is_refused_by_a_read() -> None:
    with ScriptedClient({"Item": {**ITEM, "word": {"S": "z"}}}) as client, pytest.raises(ItemDecodeError, match="word"):
        Repo(Note, client=client, validation_context=WORDS).get("a")


def test_writes_have_the_context() -> None:
    note = Note.model_validate({"word": "yes"}, context=WORDS)
    item: dict[str, Any] = {"pk": {"S": "a"}, "word": {"S": "yes"}, "words": {"L": []}}
    with ScriptedClient({}, {"Attributes": item}, {"Attributes": item}, {}) as client:
        notes = Repo(Note, client=client, validation_context=WORDS)
        assert notes.put(note) == note
        assert notes.patch("a", {"word": "yes"}) == note
        assert notes.update(note, fields={"word"}) == note
        transact_write([Put(notes, note)])
        with pytest.raises(InvalidValue, match=r"Note\.word"):
            notes.patch("a", {"word": "z"})
        note.word = "z"
        with pytest.raises(InvalidValue, match=r"Note\.word|word"):
            notes.put(note)


def test_an_expression_knows_no_repository_and_says_so() -> None:
    with pytest.raises(InvalidValue, match="validation_context") as caught:
        Attr(fields(Note).word).set("y")
    assert isinstance(caught.value.__cause__, TypeError)


class Cat(DynamoModel, table="animals"):
    kind: Literal["cat"] = "cat"
    pk: Annotated[str, PartitionKey()] = "a"
    word: str = "y"

    _known = field_validator("word")(known)


class Dog(DynamoModel, table="animals"):
    kind: Literal["dog"] = "dog"
    pk: Annotated[str, PartitionKey()] = "b"


def test_the_models_of_a_table_share_it() -> None:
    items = [{**ITEM, "kind": {"S": "cat"}}, {"pk": {"S": "b"}, "kind": {"S": "dog"}}]
    with ScriptedClient({"Items": items}, {"Item": items[0]}, {"Items": items}) as client:
        animals = Table(Cat, Dog, client=client, validation_context=WORDS)
        assert [type(each) for each in animals.scan()] == [Cat, Dog]
        assert animals[Cat].get("a").word == "y"
        bare = Table(Cat, Dog, client=client)
        with pytest.raises(ItemDecodeError, match="TypeError"):
            bare.scan().all()


class Word(BaseModel):
    word: str

    _known = field_validator("word")(known)


class Page(DynamoModel, table="pages"):
    pk: Annotated[str, PartitionKey()] = "a"
    word: Annotated[Word | None, AsJson()] = None
    either: Word | dict[str, int] | None = None
    words: list[Word] = Field(default_factory=list[Word])


def test_what_is_read_back_before_it_is_written_has_the_context_too() -> None:
    page = Page.model_validate({"word": {"word": "y"}, "either": {"word": "y"}}, context=WORDS)
    with ScriptedClient({}, {"Attributes": {"pk": {"S": "a"}}}) as client:
        pages = Repo(Page, client=client, validation_context=WORDS)
        assert pages.put(page) == page
        assert pages.patch("a", {"word": {"word": "yes"}}).pk == "a"


def test_a_validator_without_its_context_leaves_the_tree_in_no_write() -> None:
    page = Page.model_construct({"pk", "word"}, pk="a", word=Word.model_construct(word="y"), either=None, words=[])
    pages, p = Repo(Page, client=ScriptedClient()), fields(Page)
    with pytest.raises(InvalidValue, match="TypeError") as caught:
        pages.put(page)
    assert isinstance(caught.value.__cause__, TypeError)
    with pytest.raises(InvalidValue, match="TypeError"):
        pages.update(page, fields={"word"})
    with pytest.raises(InvalidValue, match="TypeError"):
        pages.scan(filter=Attr(p.words) == [Word.model_construct(word="y")])
