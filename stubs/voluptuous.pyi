# Home Assistant runs probatio under the name of voluptuous.
from probatio import *
