"""Rules of the retraining: feedback, and the new version compared with the published one."""
