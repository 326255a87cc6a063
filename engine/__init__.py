"""Inference: knowledge compiled to Experta, one case run through it, and the trace of what happened."""

from engine.advice import Advice, advise
from engine.consultation import Reasoner

__all__ = ["Advice", "Reasoner", "advise"]
