# The operations of SMTP, each a call of Net::SMTP. A sub returns false if the call failed.
package NetSmtp;
use strict;
use warnings;
use MIME::Base64;

# starttls() says EHLO under TLS: nobody can be asked to go on without.
my $said_by_starttls;

our %VERBS = (
    ehlo     => \&ehlo,
    starttls => sub { my ($smtp) = @_; $smtp->starttls or die "failed\n"; $said_by_starttls = 1 },
    mail     => \&mail,
    rcpt     => \&rcpt,
    data     => \&data,
    rset     => sub { my ($smtp) = @_; $smtp->reset },
    vrfy     => sub { my ($smtp, $value, %args) = @_; lines($smtp, $value, $smtp->verify($args{arg})) },
    expn     => sub { my ($smtp, $value, %args) = @_; lines($smtp, $value, $smtp->expand($args{arg})) },
    help     => sub {
        my ($smtp, $value, %args) = @_;
        lines($smtp, $value, defined $smtp->help($args{arg} // ()));
    },
    quit => sub { my ($smtp) = @_; $smtp->quit; $smtp->code =~ /^2/ },
);

# Everything that supports() says yes to, but for the begin of the server's name: Net::SMTP takes
# the first line of the reply for an offer, too.
sub ehlo {
    my ($smtp, $value, %args) = @_;
    $said_by_starttls = 0;
    defined $smtp->hello($args{name}) or return;
    $value->{code} = $smtp->code + 0;
    my $offers = ${*$smtp}{net_smtp_esmtp} // {};
    $value->{caps} = [map { [$_, $offers->{$_}] } grep { $offers->{$_} !~ /^\./ } keys %$offers];
}

my %OPTIONS = (SIZE => 'Size', RET => 'Return', ENVID => 'ENVID', AUTH => 'AUTH', BODY => 'Bits');
my %BITS = ('8BITMIME' => 8, '7BIT' => 7);

sub mail {
    my ($smtp, $value, %args) = @_;
    die "unsupported\n" if $said_by_starttls;
    my @options;
    for (@{$args{params} // []}) {
        my ($name, $text) = /^([^=]+)=(.*)$/s or die "unsupported\n";
        my $option = $OPTIONS{uc $name} // die "unsupported\n";
        $text = $BITS{uc $text} // die "unsupported\n" if $option eq 'Bits';
        push @options, $option => $text;
    }
    return told($smtp, $value, $smtp->mail($args{from}, @options));
}

sub rcpt {
    my ($smtp, $value, %args) = @_;
    my %options;
    for (@{$args{params} // []}) {
        if (/^NOTIFY=(.*)$/is) { $options{Notify} = [split /,/, $1] }
        elsif (/^ORCPT=(.*)$/is) { $options{ORcpt} = $1 }
        else { die "unsupported\n" }
    }
    return told($smtp, $value, $smtp->to($args{to}, %options ? \%options : ()));
}

# The message is text to Net::SMTP: it doubles dots and makes CRLF of LF.
sub data {
    my ($smtp, $value, %args) = @_;
    die "unsupported\n" if defined $args{fail_after} || !defined $args{message};
    $value->{delivery} = 'not-sent';
    $smtp->data or return;
    for my $piece (pieces($args{message}, @{$args{pieces} // []})) {
        $smtp->datasend($piece) or return;
    }
    my $done = $smtp->dataend;
    $value->{delivery} = $done ? 'sent' : $smtp->message =~ /^\[Net::/ ? 'unknown' : 'not-sent';
    return told($smtp, $value, $done);
}

sub pieces {
    my ($message, @sizes) = @_;
    my @pieces;
    while (@sizes && length $message) {
        push @pieces, substr $message, 0, @sizes > 1 ? shift @sizes : $sizes[0], '';
    }
    return (@pieces, $message);
}

sub told {
    my ($smtp, $value, $done) = @_;
    $value->{code} = $smtp->code + 0 if $done;
    return $done;
}

sub lines {
    my ($smtp, $value, $done) = @_;
    my @lines = $smtp->message;
    chomp @lines;
    $value->{lines_b64} = [map { encode_base64($_, '') } @lines] if $done;
    return told($smtp, $value, $done);
}

1;
