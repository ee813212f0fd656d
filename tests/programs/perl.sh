#!/bin/bash
# Packages: bash perl-base coreutils
# Perl's own calls: processes, pipes, signals, files, sorting.
cat >a.pl <<'P'
use strict; use warnings; $| = 1; use POSIX (); use Fcntl qw(:flock :seek); use IO::Handle; use List::Util qw(sum max); use Cwd; use Errno;
open my $f, '>', 'x' or die; print $f "$_\n" for 1 .. 1000; close $f; open $f, '<', 'x'; print sum(<$f>), "\n"; close $f; print -s 'x', ' ', (stat 'x')[2] & 0777, "\n";
my $pid = fork; if (!$pid) { exit 7 } waitpid $pid, 0; print $? >> 8, "\n"; pipe my $r, my $w; if (!fork) { close $r; print $w "child\n"; exit } close $w; print <$r>; wait;
local $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; select undef, undef, undef, 60; }; print $@; $SIG{USR1} = sub { print "usr1\n" }; kill 'USR1', $$;
print `echo backtick`; print system('exit 3') >> 8, "\n"; open my $p, '-|', 'seq', 1, 3; print map { $_ * 2, "\n" } <$p>; close $p; open $p, '|-', 'sort' or die; print $p "b\na\n"; close $p;
mkdir 'd'; symlink 'x', 'l'; link 'x', 'h'; print readlink 'l', ' ', (stat 'x')[3], "\n"; rename 'h', 'd/h'; opendir my $d, '.'; print join(' ', sort grep !/^\./, readdir $d), "\n";
unlink 'd/h'; rmdir 'd' or print $!; chmod 0600, 'x'; utime 1, 2, 'x'; print join(' ', (stat 'x')[2, 8, 9]), "\n"; print -e 'nosuch' ? 1 : "$!\n"; truncate 'x', 50; print -s 'x', "\n";
print join(',', sort { $b <=> $a } 3, 10, 2), ' ', sprintf('%.2f %e %s', 3.14159, 12345.678, 'x' x 3), ' ', join('|', 'a1b22' =~ /(\d+)/g), "\n"; my %h = map { $_ => length } qw(one three); print "$_ $h{$_}\n" for sort keys %h;
print scalar gmtime(0), "\n"; print POSIX::strftime('%Y', gmtime 0), ' ', (POSIX::uname())[0], "\n"; printf "%s\n", getcwd();
open my $big, '+>', undef or die; print $big 'x' x 1_000_000; seek $big, 0, SEEK_SET; { local $/; print length <$big>, "\n"; } print "ppid ok\n" if getppid; print((getpwuid 0)[0], "\n");
print join(' ', times) =~ /^[\d. ]+$/ ? "times\n" : ''; printf "%d\n", getpriority 0, 0; umask 027; printf "%o\n", umask; open my $lk, '<', 'x'; print flock($lk, LOCK_EX | LOCK_NB) ? "locked\n" : "$!\n"; exec 'echo', 'last' or die;
P
perl a.pl; perl -ne 'print if 2 .. 3' x; perl -le 'print for map { $_ ** 2 } 1 .. 3'; perl -e 'die "dead\n"'; echo $?; perl -e 'kill 9, $$'; echo $?
echo 'a b' | perl -lane 'print $F[1]'; perl -i -pe 's/\d/#/' x; head -c 4 x; perl -e 'my @a = (1) x 3e6; print scalar @a, "\n"'; perl -MIO::Socket -e 'print "module\n"'
