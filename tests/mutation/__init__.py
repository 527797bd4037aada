"""Mutation testing of workflow/: would the tests notice if a rule said something else?"""
