"""Kills workers at random moments of a scripted story of push, pull and review, and compares how it ends.

``python -m tools.kill_runs --runs 200`` says whether both sides end as they do when nobody is killed.
"""
