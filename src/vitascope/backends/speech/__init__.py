"""What speech models mean: where somebody speaks, what is said, and taking noise off."""

from .endpoint import EndpointSpeech
from .gate import SpectralGate
from .silero import SileroVoiceActivity
from .whisper import WHISPER_LANGUAGES, WhisperSpeech

__all__ = ["WHISPER_LANGUAGES", "EndpointSpeech", "SileroVoiceActivity", "SpectralGate", "WhisperSpeech"]
