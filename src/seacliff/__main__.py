import sys

from seacliff.cli import main

sys.exit(main())
