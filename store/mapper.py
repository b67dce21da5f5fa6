"""Between stored bytes and the domain's events: Avro by the schema that the topic names, lifted to today's shape."""

import types
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from domain.events import Event, Fact, Finding
from schemas import catalogue, codec

FACTS: dict[str, type] = {cls.__name__: cls for cls in get_args(Fact)}
FINDINGS: dict[str, type] = {cls.__name__: cls for cls in get_args(Finding)}

_CLASSES = FACTS | FINDINGS


def event_of(topic: str, payload: bytes) -> Event:
    """The event in bytes that come from outside, whatever version they were written in.

    Raises `codec.Undecodable` where the bytes are not exactly what the topic says.
    """
    return _reader(topic, stored=False)(payload)


def event_of_stored(topic: str, payload: bytes) -> Event:
    """The event in bytes that passed the door when they were stored."""
    return _reader(topic, stored=True)(payload)


@lru_cache(maxsize=256)
def _reader(topic: str, *, stored: bool) -> Callable[[bytes], Event]:
    decode = codec.decoder(topic, stored=stored)
    build = _builder(_CLASSES[topic.split(".")[1]])
    return lambda payload: build(decode(payload))


def event_from(topic: str, record: Mapping[str, Any]) -> Event:
    """The event of a record as the codec, a contract file or an example gives it, in the current shape."""
    built: Event = _builder(_CLASSES[topic.split(".")[1]])(record)
    return built


def stored(event: Event) -> tuple[str, bytes]:
    """Topic and payload of an event, in the current version of its schema."""
    cls: type = type(event)
    topic = topic_of(cls)
    return topic, codec.encode(topic, asdict(event))


@lru_cache(maxsize=64)
def topic_of(cls: type) -> str:
    """The topic under which events of a class are stored today."""
    for schema in reversed(catalogue.ALL):
        if schema.name.split(".")[1] == cls.__name__:
            return catalogue.current(schema.name).type
    raise LookupError(f"no schema is named {cls.__name__}")


def _builder(cls: type) -> Callable[[Mapping[str, Any]], Any]:
    """A function from a record, in field order, to an instance; built once for each class."""
    nested = {name: build for name, hint in get_type_hints(cls).items() if (build := _nested(hint))}
    if not nested:
        return lambda record: cls(*record.values())
    return lambda record: cls(
        *(nested[name](value) if name in nested else value for name, value in record.items())
    )


def _nested(hint: Any) -> Callable[[Any], Any] | None:
    if is_dataclass(hint) and isinstance(hint, type):
        return _builder(hint)
    if get_origin(hint) is list and (item := _nested(get_args(hint)[0])):
        return lambda values: [item(value) for value in values]
    if get_origin(hint) in (Union, types.UnionType):
        inner = next((build for arg in get_args(hint) if (build := _nested(arg))), None)
        if inner:
            return lambda value: None if value is None else inner(value)
    return None
