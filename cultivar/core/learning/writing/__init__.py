"""How texts are written: forms of Unicode, cases of letters, vowels of scripts, common words."""
