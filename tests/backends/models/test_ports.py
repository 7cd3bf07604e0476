"""The embedded pack's models against the contract of each port, and the client of outside endpoints on a real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from pydantic import SecretStr
from tests.contracts import models_ports as contracts

from vitascope.backends.llm import EndpointLanguageModel
from vitascope.backends.models import EndpointConfig, ModelCache, ModelsConfig, load_pack
from vitascope.backends.roles import PackModels, open_models
from vitascope.backends.runtimes import LlamaServer
from vitascope.base.errors import ModelFailed
from vitascope.base.policy import safe_text
from vitascope.base.ports import models as ports


@pytest.fixture(scope="module")
def models() -> Iterator[PackModels]:
    opened = open_models(ModelsConfig(threads=2))
    yield opened
    opened.close()


class TestSilero(contracts.VoiceActivityContract):
    @pytest.fixture
    def model(self, models: PackModels) -> ports.VoiceActivity | None:
        return models.voice_activity


class TestSpectralGate(contracts.NoiseSuppressorContract):
    @pytest.fixture
    def model(self, models: PackModels) -> ports.NoiseSuppressor | None:
        return models.noise


class TestWhisper(contracts.SpeechToTextContract):
    @pytest.fixture
    def model(self, models: PackModels) -> ports.SpeechToText | None:
        return models.speech


class TestMiniLm(contracts.TextEmbedderContract):
    @pytest.fixture
    def model(self, models: PackModels) -> ports.TextEmbedder | None:
        return models.text


class TestLite0(contracts.PictureModelContract):
    @pytest.fixture
    def model(self, models: PackModels) -> ports.PictureModel | None:
        return models.picture


class TestOpenNsfw(contracts.UnsafePictureContract):
    @pytest.fixture
    def model(self, models: PackModels) -> ports.UnsafePictureModel | None:
        return models.unsafe


class TestRapid(contracts.ScreenReaderContract):
    @pytest.fixture
    def model(self, models: PackModels) -> ports.ScreenReader | None:
        return models.screen


class TestLocalLanguageModel(contracts.LanguageModelContract):
    @pytest.fixture
    def model(self, models: PackModels) -> ports.LanguageModel | None:
        return models.language


@pytest.fixture(scope="module")
def server() -> Iterator[LlamaServer]:
    role = load_pack("embedded").role("language_model")
    assert role is not None
    running = LlamaServer(ModelCache().files(role).path("model.gguf"), threads=2)
    yield running
    running.close()
    assert not running.alive


class TestEndpoint(contracts.LanguageModelContract):
    @pytest.fixture
    def model(self, server: LlamaServer) -> Iterator[ports.LanguageModel]:
        with endpoint(server, server.key) as client:
            yield client

    def test_a_wrong_key_is_a_failed_answer_that_does_not_show_it(self, server: LlamaServer) -> None:
        with endpoint(server, "a-guess") as client, pytest.raises(ModelFailed, match="401") as said:
            client.write("", safe_text("hello"), max_tokens=2)
        assert "a-guess" not in str(said.value)


def endpoint(server: LlamaServer, key: str) -> closing[EndpointLanguageModel]:
    """A client of that server, as of any endpoint in the settings."""
    return closing(
        EndpointLanguageModel(EndpointConfig(url=f"{server.address}/v1", model="smollm2", key=SecretStr(key)))
    )
