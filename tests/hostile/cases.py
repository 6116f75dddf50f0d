"""Every hostile picture that is made by hand, by its name."""

from tests.hostile import arrays, bombs, files

READ = files.READ | bombs.READ | arrays.READ
REFUSED = files.REFUSED | bombs.REFUSED | arrays.REFUSED
