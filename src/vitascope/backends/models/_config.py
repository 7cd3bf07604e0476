"""Settings of the model pack and of what runs it."""

from __future__ import annotations

from pydantic import Field, SecretStr

from vitascope.base.records import RoomConfig


class EndpointConfig(RoomConfig):
    """An OpenAI-compatible endpoint of the owner's choice (vLLM, Ollama, a vendor) in place of a pack's model."""

    url: str = ""
    """Up to and including /v1; empty: the pack's own model on this machine."""
    model: str = ""
    key: SecretStr | None = None
    languages: tuple[str, ...] = ("*",)
    """Languages it writes, reads or hears well."""
    dimensions: int | None = Field(default=None, gt=0, le=65_536)
    """Length of the vectors of an embedding model; asked at the first use where it is not stated."""
    mask: bool = True
    """Where it is not this machine: put marks in place of names, addresses, numbers and accounts in what is sent there, and read
    its answer with the texts put back (base/personal.py says what is found)."""
    media: bool = False
    """Pictures and sound of the library may be sent there. To this machine itself (localhost) they always may; text, made safe,
    goes wherever an endpoint is set."""
    timeout_seconds: float = Field(default=120.0, gt=0)
    """For one call with all its tries and waits."""
    retries: int = Field(default=2, ge=0, le=10)
    """Tries after the first, where the failure may pass (no connection, 408, 429, 5xx)."""
    failures: int = Field(default=4, ge=0)
    """Calls in a row without an answer after which it is left alone for a while; 0: never."""
    rest_seconds: float = Field(default=30.0, gt=0)
    """How long it is left alone."""


class Price(RoomConfig):
    """What a language model's tokens cost."""

    model: str = "*"
    """Its name, or a pattern ("gpt-*"); the first that fits counts."""
    prompt: float = Field(default=0.0, ge=0)
    """Money for a million tokens of prompts."""
    output: float = Field(default=0.0, ge=0)
    """Money for a million tokens of answers."""


class BudgetConfig(RoomConfig):
    """What language models may take. Where it is gone, the plainer form speaks and the record says so (docs/cost.md)."""

    item_tokens: int = Field(default=0, ge=0)
    """Tokens of prompts and answers for one item and day; 0: no bound."""
    day_tokens: int = Field(default=0, ge=0)
    """Tokens of one day (UTC), everything together; 0: no bound."""
    day_money: float = Field(default=0.0, ge=0)
    """Money of one day by `prices`; 0: no bound."""
    gives_way: tuple[str, ...] = ("vision", "interests", "summary")
    """Features in the order in which they give way as the day's budget runs out: the first when half of it is gone, the last
    when all of it is, the others evenly between. A feature that is not named gives way with the first."""
    prices: tuple[Price, ...] = ()
    """The price table; a model that no row fits costs nothing."""


class ModelsConfig(RoomConfig):
    """Which models speak and how much they may take."""

    pack: str = "embedded"
    """A built-in pack's name, or the path of a pack's .toml file."""
    off: tuple[str, ...] = ()
    """Roles that are switched off, by the names `vitascope models list` shows ("language_model")."""
    fast_english: bool = False
    """Speech that is known to be English goes to the pack's smaller English model, where it was pulled."""
    languages: tuple[str, ...] = ()
    """Languages that speech is recognised among; empty: those Whisper knows best."""
    threads: int = Field(default=0, ge=0)
    """Threads a model may use; 0: the machine's cores, 4 at most."""
    idle_seconds: float = Field(default=600.0, gt=0)
    """A model that is not used for so long is unloaded."""
    memory_bytes: int = Field(default=3 << 30, ge=1 << 28)
    """What loaded models may take together."""
    offline: bool = False
    """Never fetch, not even to repair a damaged file."""
    endpoint: EndpointConfig = EndpointConfig()
    """For the role language_model."""
    endpoints: dict[str, EndpointConfig] = Field(default_factory=dict)
    """For other roles by name, in place of the pack's model: text_embedding (embeddings), speech (audio/transcriptions),
    vision (chat/completions with pictures)."""
    budget: BudgetConfig = BudgetConfig()
