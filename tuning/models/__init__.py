from .proposals import Proposal, ProposalState
from .sweeps import OVER, Sweep, Trial, TrialState

__all__ = ["OVER", "Proposal", "ProposalState", "Sweep", "Trial", "TrialState"]
