"""
The laws, one per file, as plain scalar functions of floats.

They run as ordinary Python (the tests call them so). :mod:`wattbit.world.build` compiles the same text into the float32
and float64 kernels, so a law is written once, with plain literals, without allocation and without exceptions.
"""
