"""Inference: knowledge compiled to Experta, one case run through it, and the trace of what happened."""

from engine.advice import Advice
from engine.inference.session import Reasoner
from engine.run import Run, advise

__all__ = ["Advice", "Reasoner", "Run", "advise"]
