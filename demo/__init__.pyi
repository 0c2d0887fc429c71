from .play import Demo as Demo
from .play import play as play
from .report import print_report as print_report
from .report import print_times as print_times
from .report import report_of as report_of
from .second_half import play_second_half as play_second_half
from .second_report import print_second_half as print_second_half
from .second_report import second_report as second_report
