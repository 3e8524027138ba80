"""Fuzzing of everything that parses bytes from outside.

A target (one file in `targets`) takes any octets and lets nothing out but what
it finds: the code under test may refuse an input by its typed refusal, and by
nothing else. What it accepts has to mean one thing only, which each target says
in its own way: written again it is the same, or another reader agrees.

`python -m tests.fuzzing` searches with atheris (libFuzzer), which follows the
code's branches. What it finds stays in `corpus`, and `test_corpus.py` runs all
of it again, and changed copies of it, in every test run and without atheris.
"""
