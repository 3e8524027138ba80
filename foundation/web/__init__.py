"""What every web page and every JSON answer of the house is made with."""
