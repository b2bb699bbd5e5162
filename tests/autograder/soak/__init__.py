"""A class graded twice, once undisturbed and once killed again and again: is all the same?"""
